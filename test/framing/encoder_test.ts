/** Encoders of one's own: every piece, joined, and apart from those of other encoders. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encoder, type Output, type Writer } from "echopipe";
import { bytesOf, join, textOf } from "echopipe/testing";

/** What the function writes, as pieces. */
function written(...calls: ((write: Writer) => void)[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const out: Output<Uint8Array> = {
    push: (piece) => void pieces.push(piece),
    flush() {},
    end() {},
    fail() {},
    keep() {},
  };
  const stage = encoder<(write: Writer) => void>((call, write) => call(write));
  for (const call of calls) stage.push(call, out);
  stage.flush!(out);
  return pieces;
}

test("integers in both byte orders, texts and bytes, joined into one piece", () => {
  const pieces = written(
    (write) => write.u8(255),
    (write) => write.u16(0x1234),
    (write) => write.u16(0x1234, "little"),
    (write) => write.u32(0xfedcba98),
    (write) => write.u32(0xfedcba98, "little"),
    (write) => write.text("größe €"),
    (write) => write.text("a text that is longer than most, größe"),
    (write) => write.bytes(Uint8Array.of(0, 1)),
    (write) => write.text(""),
  );
  assert.equal(pieces.length, 1);
  const numbers = Uint8Array.of(255, 0x12, 0x34, 0x34, 0x12, 0xfe, 0xdc, 0xba, 0x98, 0x98, 0xba, 0xdc, 0xfe);
  const texts = bytesOf("größe €a text that is longer than most, größe");
  assert.deepEqual(pieces[0], join([numbers, texts, Uint8Array.of(0, 1)]));
});

test("large pieces are not copied; more than a slab is complete", () => {
  const large = new Uint8Array(5000).fill(1);
  assert.ok(written((write) => write.u8(1), (write) => write.bytes(large)).includes(large));
  const parts = Array.from({ length: 40_000 }, (_, i) => `${i},`);
  assert.equal(textOf(join(written(...parts.map((part) => (write: Writer) => write.text(part))))), parts.join(""));
  const views = parts.map((part) => (write: Writer) => write.bytes(bytesOf(part)));
  assert.equal(textOf(join(written(...views))), parts.join(""));
  const long = "€".repeat(30_000);
  assert.equal(textOf(join(written((write) => write.text(long)))), long);
});

test("encoders at work at the same time do not mix", async () => {
  const texts = () => encoder<string>((text, write) => write.text(text));
  const pieces: string[][] = [[], []];
  const outs = pieces.map((list): Output<Uint8Array> => ({
    push: (piece) => void list.push(textOf(piece)),
    flush() {},
    end() {},
    fail() {},
    keep() {},
  }));
  const stages = [texts(), texts()];
  for (let i = 0; i < 5000; i++) stages[i % 2].push(`${i} `, outs[i % 2]);
  await Promise.all(stages.map((stage, i) => stage.flush!(outs[i])));
  for (const odd of [0, 1]) {
    const expected = Array.from({ length: 2500 }, (_, i) => `${2 * i + odd} `).join("");
    assert.equal(pieces[odd].join(""), expected);
  }
});

test("refused: integers out of their range, half a surrogate pair", () => {
  for (const wrong of [-1, 256, 1.5, NaN]) {
    assert.throws(() => written((write) => write.u8(wrong)), { code: "invalid-argument" });
  }
  assert.throws(() => written((write) => write.u16(65536)), { code: "invalid-argument" });
  assert.throws(() => written((write) => write.u32(2 ** 32)), { code: "invalid-argument" });
  for (const wrong of [5, undefined, ["a"], bytesOf("a")]) {
    assert.throws(() => written((write) => write.text(wrong as never)), { code: "invalid-argument" });
  }
  for (const wrong of [5, undefined, "a", [1], new Uint16Array(1)]) {
    assert.throws(() => written((write) => write.bytes(wrong as never)), { code: "invalid-argument" });
  }
  for (const text of ["\ud834", "\ud834".repeat(20)]) {
    assert.throws(() => written((write) => write.text(text)), { code: "invalid-text" });
  }
});
