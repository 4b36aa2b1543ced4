/** Connections over real sockets: half-close, resets, lingering. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  auto,
  type Chunk,
  connect,
  type Connection,
  echo,
  exit,
  line,
  listen,
  pipe,
  pipeline,
  raw,
  stage,
} from "echopipe";
import { bytesOf, join, textOf } from "../support/cuts.ts";

const errors: unknown[] = [];
const onError = (error: unknown) => void errors.push(error);

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

/** Sends bytes in writes of that size, then the end, and gives what comes back. */
async function exchange(connection: Connection, bytes: Uint8Array, write = 65_536): Promise<Uint8Array> {
  const sending = (async () => {
    for (let at = 0; at < bytes.length; at += write) await connection.write(bytes.subarray(at, at + write));
    await connection.endWrite();
  })();
  const received: Uint8Array[] = [];
  for (let read; (read = await connection.read()) !== null;) received.push(read.slice());
  await sending;
  return join(received);
}

for (const [name, serve] of Object.entries(echoes)) {
  test(`half-close, ${name}: 1 MB, then FIN, 20 times, and no byte is lost`, async () => {
    errors.length = 0;
    await using listener = await listen({ onError }, serve);
    for (let round = 0; round < 20; round++) {
      await using connection = await connect({ port: listener.address.port });
      const back = await exchange(connection, megabyte, 1 << 12 + round % 6);
      assert.equal(Buffer.compare(back, megabyte), 0, `round ${round}: ${back.length} bytes came back`);
      await connection.closed;
    }
    assert.deepEqual(errors, []);
  });
}

test("a peer's reset is that peer's failure, and no other's", async () => {
  errors.length = 0;
  await using listener = await listen({ onError }, echoes["piped directly"]);
  const { port } = listener.address;
  await using steady = await connect({ port });
  for (let round = 0; round < 5; round++) {
    const rude = await connect({ port });
    await rude.write(megabyte.subarray(0, 100_000)); // comes back, is not read: closing resets
    rude.abort();
    await steady.write(Uint8Array.of(round));
    assert.deepEqual(await steady.read(), Uint8Array.of(round));
  }
  await steady.endWrite();
  assert.equal(await steady.read(), null);
  for (const error of errors) assert.match((error as { code: string }).code, /^(reset|closed)$/);
});

test("clients that left before they were accepted: told of, handed to nobody, and the next is served", async () => {
  errors.length = 0;
  let served = 0;
  await using listener = await listen({ onError }, (peer) => {
    served++;
    assert.notEqual(peer.remote.address, "");
    return echoes["piped directly"](peer);
  });
  const { port } = listener.address;
  // Nothing is accepted while this thread waits for the program.
  const runtime = "Deno" in globalThis ? ["run", "-A"] : [];
  const program = fileURLToPath(new URL("../support/rude_clients.ts", import.meta.url));
  execFileSync(process.execPath, [...runtime, program, String(port), "10"]);
  await using connection = await connect({ port });
  assert.deepEqual(await exchange(connection, megabyte.subarray(0, 5)), megabyte.subarray(0, 5));
  assert.deepEqual(errors.map((error) => (error as { code: string }).code), Array(10).fill("reset"));
  assert.equal(served, 1);
});

test("a stage ends the stream: what comes after it is there for the next reader, as far as it is asked for", async () => {
  const rest = Promise.withResolvers<string>();
  const sent = Promise.withResolvers<void>();
  await using listener = await listen({ onError }, async (peer) => {
    const first = stage<Uint8Array, Uint8Array>((item, out) => {
      out.push(item);
      out.end();
    });
    await pipe(peer, first, peer);
    await sent.promise;
    const { received } = peer.traffic;
    assert.equal(received, 5);
    rest.resolve(await new Response(peer.readable).text());
  });
  await using connection = await connect({ port: listener.address.port });
  await connection.write(bytesOf("first"));
  assert.equal(textOf((await connection.read())!), "first");
  await connection.write(bytesOf("second"));
  await connection.write(bytesOf("third"));
  await connection.endWrite();
  sent.resolve();
  assert.equal(await rest.promise, "secondthird");
});

test("a connection that is finished while it is piped: the run fails, a stream cut short is no whole one", async () => {
  const outcome = Promise.withResolvers<unknown>();
  let ended = false;
  await using listener = await listen({ onError }, async (peer) => {
    const seen = stage<Uint8Array, Uint8Array>({ push: (item, out) => out.push(item), end: () => void (ended = true) });
    const run = pipe(peer, seen, peer);
    run.then(() => outcome.resolve("done"), outcome.resolve);
    await given.promise;
    await peer.finish();
  });
  const given = Promise.withResolvers<void>();
  await using connection = await connect({ port: listener.address.port });
  await connection.write(bytesOf("part"));
  assert.equal(textOf((await connection.read())!), "part");
  given.resolve();
  assert.equal(await connection.read(), null);
  await connection.write(bytesOf("more"));
  await connection.endWrite();
  assert.match((await outcome.promise as { code: string }).code, /^(closed|reset)$/);
  assert.equal(ended, false);
});

test("a connection that is finished while it is piped, and the peer ends too: the run is over, nothing has failed", async () => {
  const outcome = Promise.withResolvers<unknown>();
  await using listener = await listen({ onError }, async (peer) => {
    const run = pipe(peer, framed(), peer);
    run.then(() => outcome.resolve("done"), outcome.resolve);
    await given.promise;
    await peer.finish();
  });
  const given = Promise.withResolvers<void>();
  await using connection = await connect({ port: listener.address.port });
  await connection.write(bytesOf("all"));
  assert.equal(textOf((await connection.read())!), "all");
  given.resolve();
  assert.equal(await connection.read(), null);
  await connection.endWrite();
  assert.equal(await outcome.promise, "done");
});

test("exit, and much that follows it unread: what came before comes back, then the end, no reset", async () => {
  errors.length = 0;
  await using listener = await listen({ onError }, (peer) => {
    const { decoder, encoder } = line();
    return pipe(peer, pipeline(decoder, exit(), echo<Chunk>(), encoder), peer);
  });
  await using connection = await connect({ port: listener.address.port });
  const said = `${"before\n".repeat(1000)}exit\n`;
  const back = await exchange(connection, join([new TextEncoder().encode(said), megabyte]));
  assert.equal(textOf(back), "before\n".repeat(1000));
  assert.deepEqual(errors, []);
});

test("a consumer that cancels ends the connection; the peer sees it", async () => {
  errors.length = 0;
  const heard = Promise.withResolvers<unknown>();
  await using listener = await listen({ onError }, async (peer) => {
    const end = await peer.readable.pipeTo(peer.writable).catch((error) => error);
    heard.resolve(end);
  });
  await using connection = await connect({ port: listener.address.port });
  await connection.write(Uint8Array.of(1));
  const reader = connection.readable.getReader();
  await reader.read();
  await reader.cancel("enough");
  await connection.closed;
  await assert.rejects(connection.write(Uint8Array.of(2)), { code: "closed" });
  await heard.promise;
});

test("what a server sends before it closes arrives, though the client still sends", async () => {
  errors.length = 0;
  await using listener = await listen({ onError }, async (peer) => {
    await peer.write(megabyte);
  });
  for (let round = 0; round < 5; round++) {
    await using connection = await connect({ port: listener.address.port });
    const back = await exchange(connection, megabyte.subarray(0, 300_000));
    assert.equal(back.length, megabyte.length);
  }
});

test("auto over a socket: the first byte decides, however slowly the rest comes", async () => {
  await using listener = await listen({ onError }, (peer) => {
    const { decoder, encoder } = auto();
    return pipe(peer, pipeline(decoder, exit(), echo<Chunk>(), encoder), peer);
  });
  for (const wire of [Uint8Array.of(0, 0, 0, 2, 104, 105), new TextEncoder().encode("hi\n")]) {
    await using connection = await connect({ port: listener.address.port });
    assert.deepEqual(await exchange(connection, wire, 1), wire);
  }
});

test("a port that is none is refused before anything is opened", async () => {
  for (const port of [-1, 65_536, 1.5, NaN]) {
    await assert.rejects(connect({ port }), { code: "invalid-argument" });
    await assert.rejects(listen({ port }, () => {}), { code: "invalid-argument" });
  }
});

test("writes that overlap: each is told when the system has taken it, in order", async () => {
  const large = new Uint8Array(16 * 1024 * 1024);
  const started = Promise.withResolvers<void>();
  await using listener = await listen({ onError }, async (peer) => {
    await started.promise;
    for (let got = 0; got < 3 * large.length; got += (await peer.read())!.length);
    await peer.write(Uint8Array.of(1));
  });
  await using connection = await connect({ port: listener.address.port });
  const told: number[] = [];
  const writes = [0, 1, 2].map((i) => connection.write(large).then(() => told.push(i)));
  started.resolve();
  await Promise.all(writes);
  assert.deepEqual(told, [0, 1, 2]);
  assert.equal((await connection.read())!.length, 1);
});

test("traffic is counted, byte for byte", async () => {
  await using listener = await listen({ onError }, echoes["piped directly"]);
  await using connection = await connect({ port: listener.address.port });
  await exchange(connection, megabyte);
  const { sent, received, reads, writes } = connection.traffic;
  assert.deepEqual([sent, received], [megabyte.length, megabyte.length]);
  assert.ok(reads > 0 && writes > 0);
});
