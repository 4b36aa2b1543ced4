/** The server as part of a program: what its service and its clients can do wrong harms nobody else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Chunk, echo, stage } from "echopipe";
import { startServer } from "echopipe/server";
import type { ServiceLog } from "../../src/service_log.ts";
import { within } from "../support/deadline.ts";
import { exchange, open } from "../support/sockets.ts";

/** A log that keeps the events and their reasons. */
function keeping(): ServiceLog & { readonly events: string[] } {
  const events: string[] = [];
  return {
    events,
    record: (_level, event, _message, fields) => void events.push([event, fields?.reason].filter(Boolean).join(": ")),
  };
}

test("a service that fails for a client: that client is closed, the next is served", async () => {
  const log = keeping();
  let clients = 0;
  const service = () => {
    if (++clients === 1) throw new Error("not today");
    return echo<Chunk>();
  };
  await using server = await startServer({ port: 0, service }, log);
  assert.equal(String(await exchange(server.address.port, "").catch(() => "")), "");
  assert.equal(String(await exchange(server.address.port, "hello\n")), "hello\n");
  assert.ok(log.events.includes("connection.failed"));
});

/** A handler that never returns: the server stops all the same, and says so. */
async function stuckHandler(): Promise<void> {
  const log = keeping();
  const begun = Promise.withResolvers<void>();
  const service = () => stage<Chunk, Chunk>(() => (begun.resolve(), new Promise(() => {})));
  const server = await startServer({ port: 0, service }, log);
  const client = await open(server.address.port);
  client.on("error", () => {});
  client.write("hello\n");
  await begun.promise;
  await server.stop();
  assert.ok(log.events.includes("handler.stuck"));
  client.destroy();
}

/** A client that sends without reading until nothing goes any further, and then is silent: the time-out is for it too. */
async function mutedClient(): Promise<void> {
  const log = keeping();
  await using server = await startServer({ port: 0, writeTimeout: 1 }, log);
  const client = await open(server.address.port);
  client.on("error", () => {});
  client.pause();
  client.write(new Uint8Array(32 * 1024 * 1024).fill(0x61));
  await within(() => server.connections === 1, "the client is connected");
  await within(() => server.connections === 0, "the client is disconnected");
  assert.ok(log.events.includes("client.disconnected: took nothing of what was to be sent for 1 s"), log.events.join());
  client.destroy();
}

test("neither a handler that never returns nor a client that takes nothing is waited for without end", async () => {
  await Promise.all([stuckHandler(), mutedClient()]);
});
