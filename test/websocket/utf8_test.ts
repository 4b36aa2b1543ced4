/** The check of UTF-8 in pieces, against the runtime's own decoder. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Utf8Check } from "../../src/framing/websocket/utf8_check.ts";
import { cutAtFractions, places } from "../support/cuts.ts";
import { holds } from "../support/property.ts";

/** True where pieces are one valid text. */
function passes(pieces: readonly Uint8Array[]): boolean {
  const check = new Utf8Check();
  return pieces.every((piece) => check.take(piece, 0, piece.length) < 0) && check.complete;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

test("every sequence of two bytes whose first is not plain ASCII, and the bounds of longer ones", () => {
  const bounds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee];
  const leads = [...bounds, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff];
  const all: number[][] = [];
  for (let first = 0x7e; first < 256; first++) {
    all.push([first]);
    for (let second = 0; second < 256; second++) all.push([first, second]);
  }
  for (const a of leads) {
    for (const b of bounds) for (const c of bounds) all.push([a, b, c], [a, b, c, 0x80], [a, b, c, c]);
  }
  for (const bytes of all.map((list) => Uint8Array.from(list))) {
    const expected = isUtf8(bytes);
    if (passes([bytes]) !== expected) assert.fail(`${bytes} in one piece`);
    if (passes(Array.from(bytes, (byte) => Uint8Array.of(byte))) !== expected) assert.fail(`${bytes} byte for byte`);
  }
});

test("by property: texts with a byte changed, cut anywhere, at any place in their buffer", async () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom("a", "b"), fc.string({ unit: "binary", minLength: 1 })) });
  const long = fc.array(text, { maxLength: 40 }).map((parts) => parts.join("").toWellFormed());
  const change = fc.option(fc.record({ at: fc.nat(400), byte: fc.nat(255) }), { nil: undefined });
  await holds(
    500,
    fc.asyncProperty(long, change, places, fc.nat(3), (text, change, cuts, shift) => {
      const bytes = new TextEncoder().encode(text);
      if (change !== undefined && change.at < bytes.length) bytes[change.at] = change.byte;
      const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
      shifted.set(bytes);
      assert.equal(passes(cutAtFractions(shifted, cuts)), isUtf8(bytes));
      return Promise.resolve();
    }),
  );
});

test("the first byte that is wrong is named, behind ASCII of any length", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = new TextEncoder().encode("x".repeat(length) + "€?");
    bytes[length + 2] = 0x20;
    assert.equal(new Utf8Check().take(bytes, 0, bytes.length), length + 2);
  }
});
