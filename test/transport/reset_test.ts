/** The reset of a connection, as the peer sees it. */
import assert from "node:assert/strict";
import type net from "node:net";
import { test } from "node:test";
import { connect, type Connection, listen, type ListenerOptions, stage } from "echopipe";
import { open } from "../support/sockets.ts";
import { authority, server } from "../support/certificates.ts";

const isDeno = "Deno" in globalThis;

/** A listener whose connections are handed to the test, and stay open until it ends. */
async function accepting(options: ListenerOptions = {}) {
  const accepted = Promise.withResolvers<Connection>();
  const over = Promise.withResolvers<void>();
  const listener = await listen({ onError() {}, ...options }, (peer) => (accepted.resolve(peer), over.promise));
  return {
    port: listener.address.port,
    accepted: accepted.promise,
    async [Symbol.asyncDispose]() {
      over.resolve();
      (await accepted.promise).abort();
      await listener.close();
    },
  };
}

/** The ending that a plain socket sees: the code of its error, or `end`. */
function endingOf(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on("error", (error: Error & { code: string }) => resolve(error.code));
    socket.on("end", () => resolve("end"));
    socket.resume();
  });
}

test("a reset while nothing is pending: the peer sees it", async () => {
  await using ends = await accepting();
  const socket = await open(ends.port);
  const ending = endingOf(socket);
  const peer = await ends.accepted;
  await peer.write(Uint8Array.of(1));
  peer.reset();
  assert.equal(await ending, "ECONNRESET");
  assert.ok(peer.isClosed);
  await peer.closed;
  await assert.rejects(peer.write(Uint8Array.of(1)), { code: "closed" });
  await assert.rejects(peer.read(), { code: "closed" });
  peer.reset();
});

test("a reset with unread bytes, and after the peer's end", async () => {
  await using ends = await accepting();
  const socket = await open(ends.port);
  const ending = endingOf(socket);
  const peer = await ends.accepted;
  socket.write("unread");
  await peer.read();
  socket.end("more, and the end");
  await new Promise((resolve) => socket.once("finish", resolve));
  peer.reset();
  assert.equal(await ending, "ECONNRESET");
});

test("a reset while a read is pending: it fails, the peer sees the reset when it sends", async () => {
  await using ends = await accepting();
  const socket = await open(ends.port);
  const ending = endingOf(socket);
  const peer = await ends.accepted;
  const read = assert.rejects(peer.read(), { code: "closed" });
  peer.reset();
  socket.write("hello");
  assert.equal(await ending, "ECONNRESET");
  await read;
});

test("a reset while a read is pending and the peer is silent: the connection is closed in time", async () => {
  await using ends = await accepting();
  const socket = await open(ends.port);
  const ending = endingOf(socket);
  const peer = await ends.accepted;
  const read = assert.rejects(peer.read(), { code: "closed" });
  peer.reset();
  assert.equal(await ending, isDeno ? "end" : "ECONNRESET");
  await read;
  socket.destroy();
});

test("a reset while a write is pending: it fails, the peer sees the reset", async () => {
  await using ends = await accepting();
  const socket = await open(ends.port);
  socket.pause();
  const peer = await ends.accepted;
  const write = assert.rejects(peer.write(new Uint8Array(64 * 1024 * 1024)), { code: "closed" });
  await new Promise((resolve) => setTimeout(resolve, 50)); // the buffers of the system are full
  peer.reset();
  assert.equal(await endingOf(socket), "ECONNRESET");
  await write;
});

test("a reset of a client's connection: the server sees it", async () => {
  await using ends = await accepting();
  const connection = await connect({ port: ends.port });
  const peer = await ends.accepted;
  connection.reset();
  await assert.rejects(peer.read(), { code: "reset" });
});

test("a reset over TLS: the peer sees it, on Node", async () => {
  await using ends = await accepting({ tls: server });
  await using connection = await connect({ port: ends.port, tls: { ca: authority } });
  await connection.write(Uint8Array.of(1));
  const peer = await ends.accepted;
  await peer.read();
  await peer.write(Uint8Array.of(1));
  await connection.read();
  peer.reset();
  assert.ok(peer.isClosed);
  if (isDeno) assert.equal(await connection.read(), null);
  else await assert.rejects(connection.read(), { code: "reset" });
});

test("resets over TLS from within a stage, many times, while the peer sends: the process lives", async () => {
  await using listener = await listen({ tls: server, onError() {} }, async (peer) => {
    const first = stage<Uint8Array, Uint8Array>((item, out) => {
      out.push(item);
      if (peer.traffic.received > 50_000) peer.reset();
    });
    await peer.readable.pipeThrough(first).pipeTo(peer.writable);
  });
  const bytes = new Uint8Array(100_000);
  for (let round = 0; round < 30; round++) {
    const connection = await connect({ port: listener.address.port, tls: { ca: authority } });
    const writing = connection.write(bytes).catch(() => {});
    const ended = (async () => {
      while (await connection.read() !== null);
    })().catch((error) => error.code);
    if (!isDeno) assert.equal(await ended, "reset");
    await Promise.all([writing, ended]);
    connection.abort();
  }
});
