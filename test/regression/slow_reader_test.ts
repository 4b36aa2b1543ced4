/** A client that reads slowly is not idle. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "echopipe/server";
import { KeptLog } from "../support/kept_log.ts";
import { open, received } from "../support/sockets.ts";

const SIZE = 16 * 1024 * 1024;

test("10-23: --idle-timeout does not cut a client that reads later, and nothing that was echoed is lost", async () => {
  const log = new KeptLog();
  const server = await startServer({ port: 0, framing: "raw", idleTimeout: 1 }, log);
  const client = await open(server.address.port);
  client.pause();
  client.end(new Uint8Array(SIZE));
  await new Promise((resume) => setTimeout(resume, 4500)); // longer than the timeout and its grace of 2 s
  assert.equal((await received(client.resume())).length, SIZE);
  client.destroy();
  await server.stop();
  assert.deepEqual(log.values("client.disconnected", "reason"), ["end of stream"]);
});
