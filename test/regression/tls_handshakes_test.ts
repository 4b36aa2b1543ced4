/** Clients that are at their TLS handshake count as connections, and a stop ends them. */
import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, serve } from "echopipe";
import { authority, server as tls } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";

const skip = "Deno" in globalThis ? "Deno closes no socket that is at its handshake" : false;

test("silent TLS clients are limited as connections are, and closed at a stop", { skip }, async () => {
  const log = new KeptLog();
  const server = await serve({ tls, maxConnections: 10, log }, (peer) => peer.readable.pipeTo(peer.writable));
  const { port } = server.address;
  await using served = await connect({ port, tls: { ca: authority } });
  await within(() => server.connections === 1, "one has a place");
  let closed = 0;
  const silent = Array.from(
    { length: 20 },
    () => net.connect(port, "127.0.0.1").on("error", () => {}).on("close", () => closed++).resume(),
  );
  await within(() => closed === 11, "9 have a place, the others are closed");
  await sleep(100);
  assert.equal(closed, 11);
  assert.equal(log.of("client.refused").length, 11);
  await served.write(Uint8Array.of(1));
  assert.deepEqual(await served.read(), Uint8Array.of(1));
  await server.stop();
  await within(() => closed === 20, "the stop has ended them");
  for (const socket of silent) socket.destroy();
});
