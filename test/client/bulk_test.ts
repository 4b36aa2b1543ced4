/** Bulk echo against servers that are right, late, wrong, and gone; source and sink are scripted. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { connect, type Connection, EchopipeError } from "echopipe";
import { serve, startServer } from "echopipe/server";
import { bulkEcho, type BulkProgress } from "../../src/client/bulk.ts";
import { ScriptedSink, ScriptedSource } from "echopipe/testing";

const blocks = Array.from({ length: 24 }, (_, i) => randomBytes(1 + i * 4001));
const total = blocks.reduce((sum, { length }) => sum + length, 0);
const raw = { framing: "raw", timeoutMs: 10_000 } as const;

/** What comes of a bulk echo with a server that handles its peers so. */
async function echoWith(handler: (peer: Connection) => Promise<unknown>, options: { timeoutMs?: number } = {}) {
  await using server = await serve({ port: 0, onError: () => {} }, handler);
  await using connection = await connect({ port: server.address.port });
  const sink = new ScriptedSink();
  const result = await bulkEcho(connection, new ScriptedSource(blocks), sink, { ...raw, ...options });
  return { result, sink };
}

for (const framing of ["message", "line", "raw"] as const) {
  test(`${framing}: all comes back, the digests agree, progress ends at the total`, async () => {
    await using server = await startServer({ port: 0, framing });
    await using connection = await connect({ port: server.address.port });
    const sink = new ScriptedSink();
    const told: BulkProgress[] = [];
    const result = await bulkEcho(connection, new ScriptedSource(blocks), sink, {
      framing,
      onProgress: (progress) => told.push(progress),
    });
    assert.deepEqual(Buffer.concat(sink.written), Buffer.concat(blocks));
    assert.deepEqual([result.sent, result.received, result.matched, result.failure], [total, total, true, undefined]);
    assert.equal(result.sentDigest, result.receivedDigest);
    assert.deepEqual([told.at(-1)!.sent, told.at(-1)!.received], [total, total]);
    assert.equal(sink.ended, 1);
  });
}

test("one byte that differs: lengths agree, digests do not", async () => {
  const { result } = await echoWith(async (peer) => {
    for (let bytes, first = true; (bytes = await peer.read()) !== null; first = false) {
      const answer = bytes.slice();
      if (first) answer[0] ^= 1;
      peer.release();
      await peer.write(answer);
    }
    await peer.endWrite();
  });
  assert.deepEqual([result.received, result.matched], [total, false]);
  assert.notEqual(result.sentDigest, result.receivedDigest);
});

test("an end before all came back is no match, and the sink has what came", async () => {
  const { result, sink } = await echoWith(async (peer) => {
    const first = (await peer.read())!.slice();
    await peer.write(first);
    await peer.endWrite();
  });
  assert.equal(result.matched, false);
  assert.equal(Buffer.concat(sink.written).length, result.received);
  assert.ok(result.received < total);
});

test("a server that takes all and answers nothing is timed out", async () => {
  const over = Promise.withResolvers<void>();
  const silent = async (peer: Connection) => {
    while (await peer.read() !== null) peer.release();
    await over.promise;
  };
  const echoed = echoWith(silent, { timeoutMs: 300 });
  setTimeout(over.resolve, 1000); // the server need not wait for its handler any longer
  await assert.rejects(echoed, { code: "timed-out" });
});

test("a failure of the source, and one of the sink, is the caller's own, not the server's", async () => {
  await using server = await startServer({ port: 0 });
  const { port } = server.address;
  {
    await using connection = await connect({ port });
    const source = new ScriptedSource(blocks, new EchopipeError("io", "the disk is gone"));
    await assert.rejects(bulkEcho(connection, source, new ScriptedSink()), { code: "io", message: "the disk is gone" });
  }
  await using connection = await connect({ port });
  await assert.rejects(bulkEcho(connection, new ScriptedSource(blocks), new ScriptedSink(2)), { message: "sink" });
});
