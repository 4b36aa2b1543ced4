/** The framing `auto`, and chunks: what the contract suite does not say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { auto, Chunk, chunks } from "echopipe";
import fc from "fast-check";
import { bytesOf, cutAtFractions, join, places } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { runAll } from "../support/ways.ts";

test("auto: the first byte decides", async () => {
  for (
    const [first, framing] of [[0x00, "message"], [0x80, "message"], [0x01, "line"], [0x40, "line"], [0x16, "line"], [
      0xff,
      "line",
    ]]
  ) {
    const codec = auto();
    assert.equal(codec.detected, undefined);
    await Array.fromAsync(codec.decoder.over([new Uint8Array(0), Uint8Array.of(first as number)])).catch(() => {});
    assert.equal(codec.detected, framing);
  }
});

test("auto: what is sent before the peer's first byte is a line, and decides nothing", async () => {
  const codec = auto();
  const decode = async (bytes: Uint8Array) => void await Array.fromAsync(codec.decoder.over([bytes]));
  async function* answers() {
    yield Chunk.text("Name?\n");
    assert.equal(codec.detected, undefined);
    await decode(Uint8Array.of(0x80, 0, 0, 2, 0x7b, 0x7d));
    assert.equal(codec.detected, "message");
    yield Chunk.text("B");
  }
  const sent = join(await Array.fromAsync(codec.encoder.over(answers())));
  assert.deepEqual(sent, join([bytesOf("Name?\n"), Uint8Array.of(0, 0, 0, 1, 66)]));
  assert.equal(codec.encoder.chunks, 2);
});

test("auto: an answer takes the framing that was seen", async () => {
  const codec = auto();
  await Array.fromAsync(codec.decoder.over([Uint8Array.of(0, 0, 0, 1, 65)]));
  assert.deepEqual(join(await Array.fromAsync(codec.encoder.over([Chunk.text("B")]))), Uint8Array.of(0, 0, 0, 1, 66));
});

test("chunks: never larger than asked for, never empty, never waiting, the concatenation unchanged", async () => {
  const property = fc.asyncProperty(
    fc.uint8Array({ maxLength: 60 }),
    places,
    fc.integer({ min: 1, max: 20 }),
    async (bytes, fractions, limit) => {
      const reads = [new Uint8Array(0), ...cutAtFractions(bytes, fractions)];
      const outcomes = await runAll(() => [chunks(limit)], { items: reads });
      for (const { items } of Object.values(outcomes)) {
        const views = items as Uint8Array[];
        assert.deepEqual(join(views), bytes);
        assert.ok(views.every(({ length }) => length > 0 && length <= limit));
        // Each read in as few pieces as it can be: nothing waited for the next.
        const fewest = reads.reduce((total, { length }) => total + Math.ceil(length / limit), 0);
        assert.equal(views.length, fewest);
      }
    },
  );
  await holds(150, property);
});

test("chunks: a limit that is not an integer from 1 to 16,777,216 is refused", () => {
  for (const limit of [0, -1, 0.5, NaN, 2 ** 24 + 1]) assert.throws(() => chunks(limit), { code: "invalid-argument" });
});
