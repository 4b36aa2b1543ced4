/** Blocks of a file, and the headers that are put before them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toData } from "../../src/client/blocks.ts";
import { BlockSource, HEADROOM } from "../../src/pipe/block_source.ts";
import { bytesOf } from "../support/cuts.ts";

test("a block source is closed once, however it ends", async () => {
  let closed = 0;
  let left = 2;
  const source = new BlockSource(
    (room) => (room.fill(7, 0, 3), Promise.resolve(left-- > 0 ? 3 : null)),
    () => void closed++,
  );
  assert.deepEqual(await source.read(), Uint8Array.of(7, 7, 7));
  assert.deepEqual(await source.read(), Uint8Array.of(7, 7, 7));
  assert.equal(await source.read(), null);
  await source.abort();
  assert.equal(closed, 1);
});

test("a header is put before a block in its own memory, and before no other bytes", async () => {
  const source = new BlockSource((room) => (room.set(bytesOf("abc")), Promise.resolve(3)));
  const block = (await source.read())!;
  const [own] = await Array.fromAsync(toData().over([block]));
  assert.deepEqual([...own.source.subarray(own.start - 4, own.end)], [0x40, 0, 0, 3, ...bytesOf("abc")]);
  const memory = new Uint8Array(64).fill(9);
  const [foreign] = await Array.fromAsync(toData().over([memory.subarray(HEADROOM, HEADROOM + 3)]));
  assert.deepEqual(foreign.bytes, Uint8Array.of(9, 9, 9));
  assert.deepEqual(memory, new Uint8Array(64).fill(9));
});
