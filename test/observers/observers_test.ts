/** Observers see all that passes, and change nothing. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type Chunk, count, digest, type DigestAlgorithm, message, pipeline, progress } from "echopipe";
import fc from "fast-check";
import { cutAtFractions, join, places } from "../support/cuts.ts";
import { holds } from "../support/property.ts";

test("what passes observers is what was given, and they have seen it all", async () => {
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), places, async (bytes, fractions) => {
    const pieces = cutAtFractions(bytes, fractions);
    const counted = count();
    const sum = await digest("sha256");
    let told = -1;
    const observed = pipeline(counted, progress((passed) => void (told = passed), { every: 10 }), sum);
    const passed = await Array.fromAsync(observed.over(pieces));
    assert.equal(passed.length, pieces.length);
    passed.forEach((piece, i) => assert.equal(piece, pieces[i]));
    assert.deepEqual([counted.bytes, counted.items, told], [bytes.length, pieces.length, bytes.length]);
    assert.equal(sum.hex, createHash("sha256").update(bytes).digest("hex"));
  });
  await holds(60, property);
});

test("observers look at chunks too", async () => {
  const wire = Uint8Array.of(0, 0, 0, 2, 104, 105, 0, 0, 0, 0, 0, 0, 0, 1, 33);
  const counted = count<Chunk>();
  const sum = await digest<Chunk>();
  const other = await digest();
  const back = pipeline(message().decoder, counted, sum, message().encoder);
  assert.deepEqual(join(await Array.fromAsync(back.over([wire]))), wire);
  await Array.fromAsync(other.over([Uint8Array.of(104, 105, 33)]));
  assert.deepEqual([counted.bytes, counted.items], [3, 3]);
  assert.equal(sum.hex, other.hex);
});

test("digests of nothing, by every algorithm", async () => {
  const nothing: Record<DigestAlgorithm, string> = {
    xxhash128: "99aa06d3014798d86001c324468d497f",
    crc32: "00000000",
    blake3: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  };
  for (const [algorithm, hex] of Object.entries(nothing)) {
    const sum = await digest(algorithm as DigestAlgorithm);
    assert.throws(() => sum.hex, { code: "invalid-argument" });
    await Array.fromAsync(sum.over([]));
    assert.equal(sum.hex, hex);
  }
  await assert.rejects(digest("md5" as DigestAlgorithm), { code: "invalid-argument", received: "md5" });
});

test("progress: told now and then, and once at the end", async () => {
  const told: number[] = [];
  const run = async (lengths: number[]) => {
    told.length = 0;
    const observed = progress((bytes) => void told.push(bytes), { every: 100 });
    await Array.fromAsync(observed.over(lengths.map((length) => new Uint8Array(length))));
    return told;
  };
  assert.deepEqual(await run([99, 1, 250, 3]), [100, 350, 353]);
  assert.deepEqual(await run([100]), [100]);
  assert.deepEqual(await run([]), [0]);
  assert.throws(() => progress(() => {}, { every: 0 }), { code: "invalid-argument" });
});
