import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type Connection, listen } from "echopipe";

/** Two ends of one connection. */
async function pair(): Promise<AsyncDisposable & { near: Connection; far: Connection }> {
  const accepted = Promise.withResolvers<Connection>();
  const over = Promise.withResolvers<void>();
  const listener = await listen({ onError() {} }, (peer) => (accepted.resolve(peer), over.promise));
  const near = await connect({ port: listener.address.port });
  return {
    near,
    far: await accepted.promise,
    async [Symbol.asyncDispose]() {
      over.resolve();
      near.abort();
      await listener.close();
    },
  };
}

test("10-9: the end of the sending direction waits for writes that nobody awaited", async () => {
  await using ends = await pair();
  const size = 16 * 1024 * 1024;
  const writes = [1, 2].map((byte) => ends.near.write(new Uint8Array(size).fill(byte)));
  const ended = ends.near.endWrite();
  let received = 0;
  for (let bytes; (bytes = await ends.far.read()) !== null;) received += bytes.length;
  assert.equal(received, 2 * size);
  await Promise.all([...writes, ended]);
});

test("10-10: a connection that is finished twice at once: both calls settle", async () => {
  await using ends = await pair();
  const finished = Promise.all([ends.near.finish(), ends.near.finish()]);
  assert.equal(await ends.far.read(), null);
  await ends.far.endWrite();
  await finished;
  assert.ok(ends.near.isClosed);
});

test("10-13: a pipe to a locked stream locks nothing", async () => {
  await using ends = await pair();
  const writer = ends.far.writable.getWriter();
  await assert.rejects(ends.far.readable.pipeTo(ends.far.writable), TypeError);
  assert.equal(ends.far.readable.locked, false);
  writer.releaseLock();
});
