/** `serve`: any handler of connections, with the limits, the log and the drain of the echo server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { type Chunk, type Connection, echo, line, serve, stage, text } from "echopipe";
import { bytesOf } from "../support/cuts.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { exchange, open, received } from "../support/sockets.ts";

/** The literal chain. */
function echoes(peer: Connection): Promise<void> {
  const { decoder, encoder } = line();
  return peer.readable.pipeThrough(decoder).pipeThrough(echo<Chunk>()).pipeThrough(encoder).pipeTo(peer.writable);
}

test("the literal chain serves: bytes, half-close, log and sums as of the echo server", async () => {
  const log = new KeptLog();
  await using server = await serve({ log }, echoes);
  const sent = bytesOf("hello\n".repeat(50_000));
  assert.deepEqual(new Uint8Array(await exchange(server.address.port, sent)), sent);
  await within(() => log.of("client.disconnected").length === 1, "the client is logged as disconnected");
  await server.stop("the test is over");
  assert.equal(log.sum("data.received", "bytes"), sent.length);
  assert.equal(log.sum("data.sent", "bytes"), sent.length);
  assert.deepEqual(log.values("client.disconnected", "reason"), ["end of stream"]);
  assert.deepEqual(log.values("server.stopped", "reason"), ["the test is over"]);
});

test("a foreign transform in the middle of the chain, and stages on both sides of it", async () => {
  const capitals = () => stage<string, string>((text, out) => out.push(text.toUpperCase()));
  await using server = await serve(
    {},
    (peer) =>
      peer.readable.pipeThrough(text().decoder).pipeThrough(capitals()).pipeThrough(new TextEncoderStream())
        .pipeThrough(text().decoder).pipeThrough(text().encoder).pipeTo(peer.writable),
  );
  assert.equal(String(await exchange(server.address.port, "hello, wörld")), "HELLO, WÖRLD");
});

test("a stop drains: what was received comes back, then the end, however the handler reads", async () => {
  const handlers: Record<string, (peer: Connection) => Promise<void>> = {
    "a chain": echoes,
    "for await": async (peer) => {
      for await (const bytes of peer.readable) await peer.write(bytes.slice());
    },
    "read": async (peer) => {
      for (let bytes; (bytes = await peer.read()) !== null;) await peer.write(bytes.slice());
    },
  };
  for (const [name, handler] of Object.entries(handlers)) {
    const server = await serve({}, handler);
    const client = await open(server.address.port);
    const back = received(client);
    client.on("end", () => client.end());
    client.write("before the stop\n");
    await once(client, "data");
    await server.stop();
    assert.equal(String(await back), "before the stop\n", name);
    assert.equal(server.connections, 0);
    client.destroy();
  }
});

test("limits: in all, and for one address; the refused are closed at once, and logged", async () => {
  for (const options of [{ maxConnections: 2 }, { maxConnectionsPerAddress: 2 }]) {
    const log = new KeptLog();
    await using server = await serve({ log, ...options }, echoes);
    const clients = [await open(server.address.port), await open(server.address.port)];
    await within(() => server.connections === 2, "both are served");
    assert.equal(String(await exchange(server.address.port, "").catch(() => "")), "");
    await within(() => log.of("client.refused").length === 1, "the third is refused");
    clients[0].end();
    await within(() => server.connections === 1, "there is a place again");
    assert.equal(String(await exchange(server.address.port, "hello\n")), "hello\n");
    for (const client of clients) client.destroy();
  }
});

test("a handler that fails ends its own connection, is reported once, and nobody else notices", async () => {
  const failures: unknown[] = [];
  await using server = await serve(
    { onError: (error, peer) => failures.push((error as Error).message, peer.remote.address) },
    async (peer) => {
      if (String(await peer.read()) === "") return;
      throw new Error("not today");
    },
  );
  await exchange(server.address.port, "a").catch(() => {}); // its end may be a reset
  await exchange(server.address.port, "b").catch(() => {});
  assert.deepEqual(failures, ["not today", "127.0.0.1", "not today", "127.0.0.1"]);
});

test("10-13: a handler that never settles gives its place back after its connection has ended", async () => {
  const log = new KeptLog();
  await using server = await serve({ log, maxConnections: 1 }, async (peer) => {
    peer.abort();
    await new Promise(() => {});
  });
  await exchange(server.address.port, "a").catch(() => {});
  await within(() => log.of("handler.stuck").length === 1, "it is given up");
  assert.equal(server.connections, 0);
});

test("an aborted signal stops the server; one that is aborted already starts none", async () => {
  const controller = new AbortController();
  const server = await serve({ signal: controller.signal }, echoes);
  controller.abort();
  await server.stopped;
  await assert.rejects(serve({ signal: AbortSignal.abort(new Error("too late")) }, echoes), { message: "too late" });
});

test("options that cannot be are refused", async () => {
  for (const options of [{ port: -1 }, { maxConnections: 0 }, { maxConnectionsPerAddress: 0 }, { idleTimeout: -1 }]) {
    await assert.rejects(serve(options, echoes), { code: "invalid-argument" });
  }
});
