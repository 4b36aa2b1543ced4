import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadBuffer } from "../../src/runtime/deno/read_buffer.ts";

const KIB = 1024;

/** Fills the whole room of the next reads. */
function fill(buffer: ReadBuffer, reads: number): void {
  for (let i = 0; i < reads; i++) {
    const room = buffer.room();
    buffer.take(room, room.length);
    buffer.release();
  }
}

/** Reads so few bytes, so often. */
function sip(buffer: ReadBuffer, reads: number): void {
  for (let i = 0; i < reads; i++) {
    buffer.take(buffer.room(), 1);
    buffer.release();
  }
}

test("an idle connection holds 512 bytes", () => {
  assert.equal(new ReadBuffer().room().length, 512);
});

test("a read returns a view of what came, not a copy", () => {
  const buffer = new ReadBuffer();
  const room = buffer.room();
  room.set([1, 2, 3]);
  const bytes = buffer.take(room, 3);
  assert.deepEqual([...bytes], [1, 2, 3]);
  assert.equal(bytes.buffer, room.buffer);
});

test("bytes that were not released are not overwritten", () => {
  const buffer = new ReadBuffer();
  const first = buffer.take(buffer.room(), 10);
  const room = buffer.room();
  assert.equal(room.byteOffset, 10);
  room.fill(9);
  assert.deepEqual([...first], Array(10).fill(0));
});

test("a released read's memory is that of the next", () => {
  const buffer = new ReadBuffer();
  const first = buffer.take(buffer.room(), 10);
  buffer.release();
  assert.equal(buffer.room().byteOffset, first.byteOffset);
  buffer.release();
  assert.equal(buffer.room().byteOffset, 0, "released twice, it counts once");
});

test("a slab with hardly any room left is replaced, and the old one stays as it is", () => {
  const buffer = new ReadBuffer();
  const first = buffer.take(buffer.room(), 300);
  const next = buffer.room();
  assert.notEqual(next.buffer, first.buffer);
  assert.equal(next.length, 512);
  buffer.take(next, 5);
  buffer.release();
  assert.equal(buffer.room().byteOffset, 0, "the release was of the new slab");
});

test("full reads make it grow: fast at first, to the largest only after many", () => {
  const buffer = new ReadBuffer();
  const sizes: number[] = [];
  for (let i = 0; i < 11; i++) {
    sizes.push(buffer.room().length);
    fill(buffer, 1);
  }
  assert.deepEqual(sizes, [512, 4 * KIB, ...Array(8).fill(32 * KIB), 256 * KIB]);
});

test("one partial read, and the count of full ones begins anew", () => {
  const buffer = new ReadBuffer();
  fill(buffer, 2 + 7);
  buffer.take(buffer.room(), 16 * KIB);
  buffer.release();
  fill(buffer, 7);
  assert.equal(buffer.room().length, 32 * KIB);
  fill(buffer, 1);
  assert.equal(buffer.room().length, 256 * KIB);
});

test("four small reads in a row make it smaller, step by step to 512 bytes", () => {
  const buffer = new ReadBuffer();
  fill(buffer, 10);
  for (const size of [256 * KIB, 32 * KIB, 4 * KIB, 512, 512]) {
    assert.equal(buffer.room().length, size);
    sip(buffer, 4);
  }
});

test("where the largest size proved wrong, twice as many full reads are asked for", () => {
  const buffer = new ReadBuffer();
  fill(buffer, 10);
  for (const reads of [16, 32, 64, 128, 256, 512, 1024, 1024]) {
    sip(buffer, 4);
    fill(buffer, reads - 1);
    assert.equal(buffer.room().length, 32 * KIB, `${reads} reads`);
    fill(buffer, 1);
    assert.equal(buffer.room().length, 256 * KIB, `${reads} reads`);
  }
});
