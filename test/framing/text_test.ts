/** Text and bytes, strictly UTF-8. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chunk, text } from "echopipe";
import fc from "fast-check";
import { bytesOf, cutAtFractions, inTwo, join, places, single } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { runAll } from "../support/ways.ts";

const words = "naïve € 𝄞 \ufffd \ufeffexit\0";
const decoded = async (pieces: Uint8Array[]) => (await Array.fromAsync(text().decoder.over(pieces))).join("");

test("text split anywhere comes whole, a byte order mark and U+FFFD included", async () => {
  const bytes = bytesOf(words);
  assert.equal(await decoded(single(bytes)), words);
  for (const pieces of inTwo(bytes)) assert.equal(await decoded(pieces), words);
});

test("decode(cut(encode(x))) = x, in every way", async () => {
  const property = fc.asyncProperty(fc.string({ unit: "binary" }), places, async (words, fractions) => {
    const bytes = join(await Array.fromAsync(text().encoder.over(words.split(""))));
    assert.deepEqual(bytes, bytesOf(words));
    const outcomes = await runAll(() => [text().decoder], { items: cutAtFractions(bytes, fractions) });
    for (const { items, failure } of Object.values(outcomes)) {
      assert.deepEqual([items.join(""), failure], [words, undefined]);
    }
  });
  await holds(150, property);
});

test("what is not UTF-8 is an error with its position, however cut, and what came before is delivered", async () => {
  const wrong: [number[], number][] = [
    [[0x61, 0xff], 1],
    [[0x61, 0x80], 1],
    [[0xc3, 0x28], 0],
    [[0xe2, 0x82, 0x28], 0],
    [[0xed, 0xa0, 0x80], 0], // a surrogate
    [[0xc0, 0xaf], 0], // longer than it need be
    [[0xf4, 0x90, 0x80, 0x80], 0], // beyond U+10FFFF
    [[0xef, 0xbf, 0xbd, 0x61, 0xfe, 0x61], 4],
  ];
  for (const [bytes, position] of wrong) {
    for (const pieces of [[Uint8Array.from(bytes)], single(Uint8Array.from(bytes))]) {
      let said = "";
      const reading = (async () => {
        for await (const piece of text().decoder.over(pieces)) said += piece;
      })();
      await assert.rejects(reading, { name: "EchopipeError", code: "invalid-text", position }, `${bytes}`);
      if (pieces.length > 1) assert.equal(said, new TextDecoder().decode(Uint8Array.from(bytes.slice(0, position))));
    }
  }
});

test("an end inside a character is an error", async () => {
  await assert.rejects(decoded([Uint8Array.of(0x61, 0xe2, 0x82)]), { code: "invalid-text", position: 1 });
});

test("half a surrogate pair cannot be encoded", async () => {
  const refused = { name: "EchopipeError", code: "invalid-text" };
  await assert.rejects(Array.fromAsync(text().encoder.over(["a\ud834"])), refused);
  await assert.rejects(Array.fromAsync(text().encoder.over(["\udd1e"])), refused);
  assert.throws(() => Chunk.text("\ud834"), refused);
  assert.equal(join(await Array.fromAsync(text().encoder.over(["\ud834", "\udd1e"]))).length, 4);
});

test("a chunk as text", () => {
  assert.equal(Chunk.text(words).toText(), words);
  assert.throws(() => Chunk.whole(Uint8Array.of(0xff)).toText(), { code: "invalid-text", position: 0 });
});
