/** Lines of text and of JSON. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, jsonLines, lines } from "echopipe";
import fc from "fast-check";
import { bytesOf, cutAt, join, single } from "../support/cuts.ts";
import { decoded, encoded, testCodec } from "./codec_contract.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Lines, found byte by byte. */
function plainLines(wire: Uint8Array, limit: number): { items: string[]; failure?: string } {
  const items: string[] = [];
  let line: number[] = [];
  const finish = (ended: boolean): string | undefined => {
    if (ended && line.at(-1) === 13) line.pop();
    if (line.length > limit) return "too-large";
    try {
      items.push(strict.decode(Uint8Array.from(line)));
    } catch {
      return "invalid-text";
    }
    line = [];
  };
  for (const byte of wire) {
    const failure = byte === 10 ? finish(true) : undefined;
    if (failure !== undefined) return { items, failure };
    if (byte !== 10) line.push(byte);
  }
  const failure = line.length > 0 ? finish(false) : undefined;
  return failure === undefined ? { items } : { items, failure };
}

/** Bytes in which line ends, returns and parts of characters are frequent. */
const wires = fc.array(fc.constantFrom(..."\n\n\n\r\rabc", "é", "€", "𝄞", "\ufeff"), { maxLength: 40 })
  .chain((parts) => fc.constant(bytesOf(parts.join(""))));
const brokenWires = fc.array(fc.constantFrom(10, 10, 13, 97, 98, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xff), { maxLength: 40 })
  .map((bytes) => Uint8Array.from(bytes));

const line = fc.string({ unit: "binary", maxLength: 12 }).map((text) => text.replaceAll("\n", "").replace(/\r+$/, ""))
  .filter((text) => bytesOf(text).length <= 16);

for (const end of ["\n", "\r\n"] as const) {
  testCodec<string>({
    name: `lines, ended by ${JSON.stringify(end)}`,
    make: () => lines({ limit: 16, end }),
    item: line,
    wires: end === "\n" ? wires : brokenWires,
    naive: (wire) => plainLines(wire, 16),
    wrong: [[7, "number"], [undefined, "undefined"], [Uint8Array.of(1), "Uint8Array"], [["a"], "Array"]],
    cases: {
      "several lines in one read": { wire: "one\ntwo\nthree\n", items: ["one", "two", "three"] },
      "\\n, \\r\\n, a lone \\r": { wire: "a\nb\r\nc\rd\n\r\r\n", items: ["a", "b", "c\rd", "\r"] },
      "empty lines": { wire: "\n\r\n\n", items: ["", "", ""] },
      "no end at the end": { wire: "one\ntwo", items: ["one", "two"] },
      "a \\r at the end is no end": { wire: "one\ntwo\r", items: ["one", "two\r"] },
      "characters of every width": { wire: "é\n€\r\n𝄞\n", items: ["é", "€", "𝄞"] },
      "a byte order mark stays": { wire: "\ufeffa\n\ufeffb\n", items: ["\ufeffa", "\ufeffb"] },
      "as long as the limit": {
        wire: `${"x".repeat(16)}\n${"é".repeat(8)}\r\n`,
        items: ["x".repeat(16), "é".repeat(8)],
      },
      "longer than the limit": { wire: `one\n${"x".repeat(17)}\ntwo`, items: ["one"], failure: ["too-large", 4] },
      "longer than the limit in bytes, not in characters": {
        wire: `é\n${"€".repeat(6)}\n`,
        items: ["é"],
        failure: ["too-large", 3],
      },
      "a \\r beyond the limit at the end": { wire: `${"x".repeat(16)}\r`, items: [], failure: ["too-large", 0] },
      "invalid UTF-8, and the lines before it": {
        wire: join([bytesOf("é\none\nab"), Uint8Array.of(0xff), bytesOf("\ntwo\n")]),
        items: ["é", "one"],
        failure: ["invalid-text", 9],
      },
      "a character that a line end cuts": {
        wire: Uint8Array.of(97, 10, 0xe2, 0x82, 10, 0xac, 10),
        items: ["a"],
        failure: ["invalid-text", 2],
      },
      "an end inside a character": {
        wire: Uint8Array.of(97, 10, 0xe2, 0x82),
        items: ["a"],
        failure: ["invalid-text", 2],
      },
      "both invalid and too long": {
        wire: join([bytesOf("a\n"), Uint8Array.of(0xff), bytesOf(`${"x".repeat(20)}\n`)]),
        items: ["a"],
        failure: ["too-large", 2],
      },
    },
  });
}

test("lines: what cannot be a line is not sent, and those before it are", async () => {
  for (const [text, code] of [["a\nb", "invalid-argument"], ["a\r", "invalid-argument"], ["\ud834", "invalid-text"]]) {
    const sent: Uint8Array[] = [];
    const sending = (async () => {
      for await (const view of lines().encoder.over(["first", text])) sent.push(view.slice());
    })();
    await assert.rejects(sending, { name: "EchopipeError", code });
    assert.deepEqual(join(sent), bytesOf("first\n"));
  }
  await assert.rejects(encoded(lines({ limit: 4 }), ["12345"]), { code: "too-large", received: 5, limit: 4 });
  await assert.rejects(encoded(lines({ limit: 5 }), ["€€"]), { code: "too-large", received: 6, limit: 5 });
  assert.deepEqual(await encoded(lines({ limit: 6 }), ["€€"]), bytesOf("€€\n"));
});

test("lines: short and long ones of every width of character are encoded as they are", async () => {
  for (const character of ["a", "é", "€", "𝄞"]) {
    for (const length of [1, 60, 200, 700, 3000, 70_000]) {
      const text = character.repeat(length);
      assert.deepEqual(await encoded(lines(), [text, "b", text]), bytesOf(`${text}\nb\n${text}\n`));
      const { encoder } = lines({ end: "\r\n" });
      assert.deepEqual(join(await Array.fromAsync(encoder.over([text, "b"]))), bytesOf(`${text}\r\nb\r\n`));
    }
  }
});

test("lines: one long line in many reads is gathered once, and one in single bytes as well", async () => {
  const long = "0123456789abcdef".repeat(1 << 16); // 1 MiB
  const bytes = bytesOf(`${long}\nx\n`);
  const reads = cutAt(bytes, Array.from({ length: 1024 }, (_, i) => i * 1024));
  assert.deepEqual((await decoded(lines(), reads)).items, [long, "x"]);
  const { decoder } = lines();
  const out = { push() {}, flush() {}, end() {}, fail() {}, keep() {} };
  for (const piece of single(bytes.subarray(0, 200_000))) decoder.push(piece, out);
});

test("lines: options out of their range are refused", () => {
  for (const limit of [-1, 1.5, NaN, 2 ** 28 + 1]) {
    assert.throws(() => lines({ limit }), { code: "invalid-argument" });
    assert.throws(() => jsonLines({ limit }), { code: "invalid-argument" });
  }
  assert.throws(() => lines({ end: "\r" as "\n" }), { code: "invalid-argument" });
});

testCodec<Json>({
  name: "jsonLines",
  make: () => jsonLines({ limit: 1000 }),
  item: fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json),
  wires: fc.array(fc.constantFrom("{}", "[1,", "2]", "\n", "\r\n", " ", '"é"', "nul", "l"), { maxLength: 12 })
    .map((parts) => bytesOf(parts.join(""))),
  naive(wire) {
    const items: Json[] = [];
    for (const line of new TextDecoder().decode(wire).split("\n")) {
      try {
        if (line.trim() !== "") items.push(JSON.parse(line) as Json);
      } catch {
        return { items, failure: "protocol" };
      }
    }
    return { items };
  },
  wrong: [[undefined, "undefined"], [() => {}, "function"], [Symbol("s"), "symbol"]],
  cases: {
    "values of every kind": { wire: '{"a":[1]}\n"b"\r\n3\nnull\ntrue', items: [{ a: [1] }, "b", 3, null, true] },
    "lines of white space are skipped": { wire: "\n1\n \t\r\n\n2\n", items: [1, 2] },
    "what is not JSON, and the values before it": { wire: "1\n{]\n2\n", items: [1], failure: ["protocol", 2] },
    "a value that the end cuts": { wire: '1\n{"a":', items: [1], failure: ["protocol", 2] },
    "invalid UTF-8": { wire: Uint8Array.of(49, 10, 34, 0xff, 34, 10), items: [1], failure: ["invalid-text", 3] },
    "longer than the limit": { wire: `1\n"${"x".repeat(999)}"\n`, items: [1], failure: ["too-large", 2] },
  },
});

test("jsonLines: what JSON does not carry is refused, and control characters of a peer are not shown", async () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  for (const value of [1n, circle]) {
    await assert.rejects(encoded(jsonLines<unknown>(), [value]), { code: "invalid-argument", name: "EchopipeError" });
  }
  await assert.rejects(Array.fromAsync(jsonLines().decoder.over([bytesOf("\x1b[2J\n")])), (error: Error) => {
    assert.equal(error.message.includes("\x1b"), false);
    return true;
  });
});
