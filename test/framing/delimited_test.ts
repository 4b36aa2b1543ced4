/** Messages that end with a delimiter, and messages of fixed length. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { delimited, fixed } from "echopipe";
import fc from "fast-check";
import { bytesOf, join } from "../support/cuts.ts";
import { decoded, encoded, notBytes, testCodec } from "./codec_contract.ts";

const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });

/** Messages, found by joining the whole stream. */
function plainDelimited(wire: Uint8Array, delimiter: string): { items: Uint8Array[]; failure?: string } {
  const latin = new TextDecoder("latin1");
  const parts = latin.decode(wire).split(delimiter);
  const last = parts.pop()!;
  const items: Uint8Array[] = [];
  for (const part of parts) {
    if (part.length > 10) return { items, failure: "too-large" };
    items.push(Uint8Array.from(part, (character) => character.charCodeAt(0)));
  }
  if (last.length - delimiter.length + 1 > 10) return { items, failure: "too-large" };
  return last === "" ? { items } : { items, failure: "truncated" };
}

for (const delimiter of ["\0", "ab", "aab", "aa", "abab"]) {
  const last = delimiter.length - 1;
  testCodec<Uint8Array>({
    name: `delimited by ${JSON.stringify(delimiter)}`,
    make: () => delimited(delimiter, { limit: 10 }),
    item: fc.array(fc.constantFrom(97, 98, 99), { maxLength: 10 }).map((all) => Uint8Array.from(all)).filter((item) =>
      plainDelimited(join([item, bytesOf(delimiter)]), delimiter).items.length === 1 &&
      plainDelimited(join([item, bytesOf(delimiter)]), delimiter).items[0].length === item.length
    ),
    wires: fc.array(fc.constantFrom(97, 98, 98, 0, 97), { maxLength: 40 }).map((all) => Uint8Array.from(all)),
    naive: (wire) => plainDelimited(wire, delimiter),
    wrong: notBytes,
    cases: {
      "several, empty ones too": {
        wire: ["x", "", "yy", ""].map((text) => text + delimiter).join(""),
        items: ["x", "", "yy", ""].map(bytesOf),
      },
      "as long as the limit": { wire: `${"x".repeat(10)}${delimiter}`, items: [bytesOf("x".repeat(10))] },
      "longer than the limit": {
        wire: `y${delimiter}${"x".repeat(11)}${delimiter}`,
        items: [bytesOf("y")],
        failure: ["too-large", 1 + delimiter.length],
      },
      "an end without the delimiter": {
        wire: `y${delimiter}x${delimiter.slice(0, last)}`,
        items: [bytesOf("y")],
        failure: ["truncated", 2 + delimiter.length + last],
      },
    },
  });
}

test("delimited: a message that contains the delimiter, or would end too early, is not sent", async () => {
  for (const [delimiter, text] of [["\0", "a\0b"], ["ab", "cabc"], ["aa", "ba"], ["abab", "cab"]]) {
    await assert.rejects(encoded(delimited(delimiter), [bytesOf(text)]), { code: "invalid-argument" }, text);
  }
  await assert.rejects(encoded(delimited("\0", { limit: 2 }), [bytesOf("abc")]), { code: "too-large" });
});

test("delimited: a delimiter of no bytes, or of another type, is refused; bytes will do", async () => {
  for (const wrong of ["", new Uint8Array(0), "x".repeat(256), 10 as unknown as string]) {
    assert.throws(() => delimited(wrong), { name: "EchopipeError", code: "invalid-argument" });
  }
  assert.throws(() => delimited("\0", { limit: -1 }), { code: "invalid-argument" });
  assert.deepEqual((await decoded(delimited(Uint8Array.of(3)), [Uint8Array.of(1, 3)])).items, [Uint8Array.of(1)]);
});

for (const size of [1, 3]) {
  testCodec<Uint8Array>({
    name: `fixed, ${size}`,
    make: () => fixed(size),
    item: bytes(size, size),
    wrong: notBytes,
    naive(wire) {
      const whole = Math.floor(wire.length / size);
      const items = Array.from({ length: whole }, (_, i) => Uint8Array.from(wire.subarray(i * size, (i + 1) * size)));
      return whole * size === wire.length ? { items } : { items, failure: "truncated" };
    },
    cases: {
      "several": {
        wire: "abcdef".slice(0, 2 * size),
        items: [bytesOf("abcdef".slice(0, size)), bytesOf("abcdef".slice(size, 2 * size))],
      },
      ...(size > 1 &&
        { "the end inside one": { wire: "abcd", items: [bytesOf("abc")], failure: ["truncated", 4] as const } }),
    },
  });
}

test("fixed: another length is not sent, and a size out of its range is refused", async () => {
  await assert.rejects(encoded(fixed(2), [Uint8Array.of(1)]), { code: "invalid-argument", received: 1, expected: 2 });
  for (const size of [0, -1, 1.5, NaN, 2 ** 30]) assert.throws(() => fixed(size), { code: "invalid-argument" });
});
