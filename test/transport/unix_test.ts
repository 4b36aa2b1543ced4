/** Unix sockets: the same half-close as over TCP, and their files. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { type Chunk, connect, type Connection, echo, formatAddress, listen, pipe, pipeline, raw } from "echopipe";

const skip = process.platform === "win32" ? "this system has no Unix sockets" : false;
const onError = () => {};

/** A path in a folder of its own, removed at the end. */
function socketPath() {
  const folder = mkdtempSync(join(tmpdir(), "echopipe-"));
  return { path: join(folder, "echo.sock"), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

const megabyte = new Uint8Array(1_000_003).map((_, i) => i * 7 + (i >> 11));
const echoes: Record<string, (peer: Connection) => Promise<void>> = {
  "piped directly": (peer) => pipe(peer, framed(), peer),
  "piped by its streams": (peer) => peer.readable.pipeThrough(framed()).pipeTo(peer.writable),
  "piped without a stage": (peer) => peer.readable.pipeTo(peer.writable),
};

function framed() {
  const { decoder, encoder } = raw();
  return pipeline(decoder, echo<Chunk>(), encoder);
}

async function exchange(connection: Connection, bytes: Uint8Array): Promise<Uint8Array> {
  const sending = connection.write(bytes).then(() => connection.endWrite());
  const received: Uint8Array[] = [];
  for (let read; (read = await connection.read()) !== null;) received.push(read.slice());
  await sending;
  return Buffer.concat(received);
}

for (const [name, serve] of Object.entries(echoes)) {
  test(`Unix, half-close, ${name}: 1 MB, then the end, 10 times, and no byte is lost`, { skip }, async () => {
    using at = socketPath();
    await using listener = await listen({ path: at.path }, serve);
    assert.equal(formatAddress(listener.address), `unix:${at.path}`);
    for (let round = 0; round < 10; round++) {
      await using connection = await connect({ path: at.path });
      assert.equal(Buffer.compare(await exchange(connection, megabyte), megabyte), 0);
      await connection.closed;
    }
  });
}

test("Unix: what a server sends before it closes arrives, though the client still sends", { skip }, async () => {
  using at = socketPath();
  await using _listener = await listen({ path: at.path, onError }, (peer) => peer.write(megabyte));
  for (let round = 0; round < 5; round++) {
    await using connection = await connect({ path: at.path });
    assert.equal((await exchange(connection, megabyte.subarray(0, 300_000))).length, megabyte.length);
  }
});

test("Unix: a reset closes the connection, and pending reads fail", { skip }, async () => {
  using at = socketPath();
  await using _listener = await listen({ path: at.path, onError }, async (peer) => {
    await peer.read();
    peer.reset();
  });
  await using connection = await connect({ path: at.path });
  await connection.write(Uint8Array.of(1));
  assert.equal(await connection.read(), null);
  await using other = await connect({ path: at.path });
  const reading = assert.rejects(other.read(), { code: "closed" });
  other.reset();
  await reading;
});

test("Unix: the file is removed at the end; a stale one is replaced", { skip }, async () => {
  using at = socketPath();
  {
    await using _listener = await listen({ path: at.path }, echoes["piped directly"]);
    assert.ok(existsSync(at.path));
    await assert.rejects(listen({ path: at.path }, onError), { code: "address-in-use", message: /another socket/ });
  }
  assert.equal(existsSync(at.path), false);
  await leaveStale(at.path);
  assert.ok(existsSync(at.path));
  await assert.rejects(connect({ path: at.path }), { code: "connection-refused" });
  await using _listener = await listen({ path: at.path }, echoes["piped directly"]);
  await using connection = await connect({ path: at.path });
  assert.deepEqual(await exchange(connection, Uint8Array.of(7)), Buffer.of(7));
});

/** Leaves a socket that nobody listens on, as a killed server does: its file is moved away from the closing listener. */
async function leaveStale(path: string): Promise<void> {
  const { renameSync } = await import("node:fs");
  const server = net.createServer();
  await new Promise<void>((resume) => server.listen(`${path}.first`, resume));
  renameSync(`${path}.first`, path);
  await new Promise((resume) => server.close(resume));
}

test("Unix: a file that is no socket stays", { skip }, async () => {
  using at = socketPath();
  writeFileSync(at.path, "precious");
  const message = `Cannot listen on unix:${at.path}: a file that is no socket is there; expected a free path`;
  await assert.rejects(listen({ path: at.path }, onError), { code: "address-in-use", message });
  assert.ok(existsSync(at.path));
  await assert.rejects(connect({ path: `${at.path}.none` }), (error: Error) => error.message.includes("unix:"));
});
