/** Whole messages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chunk, type EchopipeError, lengthPrefix, line, message, messages, pipeline, raw } from "echopipe";
import fc from "fast-check";
import { bytesOf, cutAtFractions, join, places } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { collect, runAll } from "../support/ways.ts";
import { anyMessage } from "./contract.ts";

const name = (item: unknown) => `${(item as Chunk).kind}:${new TextDecoder("latin1").decode((item as Chunk).bytes)}`;

test("decode, gather: the messages that were sent, however cut, in every way", async () => {
  const property = fc.asyncProperty(
    fc.array(anyMessage("text", "data", "control"), { maxLength: 5 }),
    places,
    async (sent, fractions) => {
      const wire = join(await Array.fromAsync(message().encoder.over(sent), (view) => view.slice()));
      const make = () => [message({ chunkSize: 3 }).decoder, messages()];
      for (const outcome of Object.values(await runAll(make, { items: cutAtFractions(wire, fractions) }, name))) {
        assert.deepEqual(outcome, { items: sent.map(name), failure: undefined });
      }
    },
  );
  await holds(100, property);
});

test("a whole message has memory of its own, and no more than it needs", async () => {
  const read = join([Uint8Array.of(0, 0, 0, 2, 104, 105), new Uint8Array(65_536)]);
  const [hi] = await Array.fromAsync(pipeline(message().decoder, messages()).over([read.subarray(0, 6)]));
  assert.equal(hi.bytes.buffer.byteLength, 2);
  const long = `${"x".repeat(3000)}\n`;
  const lines = pipeline(line({ chunkSize: 100 }).decoder, messages());
  const [first] = await Array.fromAsync(lines.over(cutAtFractions(bytesOf(long), [0.1, 0.5])));
  assert.equal(first.bytes.buffer.byteLength, 3001);
});

test("the limit passes, one more is refused: from the header alone", async () => {
  const eight = Chunk.whole(new Uint8Array(8));
  assert.equal((await Array.fromAsync(messages({ limit: 8 }).over([eight]))).length, 1);
  const header = new Chunk(new Uint8Array(0), 0, 0, "data", true, false, 9);
  const refused = { name: "EchopipeError", code: "too-large", received: 9, limit: 8 };
  await assert.rejects(Array.fromAsync(messages({ limit: 8 }).over([header])), refused);
});

test("a line beyond the limit is refused as soon as it is", async () => {
  const lines = pipeline(line({ chunkSize: 4 }).decoder, messages({ limit: 8 }));
  const { items, failure } = await collect(lines.over([bytesOf("1234567\n12345678"), bytesOf("9")]), name);
  assert.deepEqual(items, ["text:1234567\n"]);
  assert.equal(failure, "too-large");
});

test("a last line that does not end comes as it is, and is told from a line", async () => {
  const lines = pipeline(line().decoder, messages());
  const got = await Array.fromAsync(lines.over([bytesOf("one\r\ntw"), bytesOf("o")]));
  assert.deepEqual(got.map((line) => [line.toText(), line.last]), [["one\r\n", true], ["two", false]]);
});

test("raw gathered: all of the stream, under the limit", async () => {
  const all = await Array.fromAsync(pipeline(raw().decoder, messages()).over([bytesOf("one"), bytesOf("two")]));
  assert.deepEqual(all.map(name), ["data:onetwo"]);
});

test("what is gathered can be sent on by any encoder that takes its size", async () => {
  const { decoder, encoder } = lengthPrefix({ width: 2, chunkSize: 1 });
  const wire = Uint8Array.of(0, 2, 7, 8, 0, 0, 0, 1, 9);
  const back = await Array.fromAsync(pipeline(decoder, messages(), encoder).over([wire]));
  assert.deepEqual(join(back), wire);
});

test("a limit out of its range is refused", () => {
  for (const limit of [-1, 1.5, NaN, 2 ** 30]) {
    assert.throws(() => messages({ limit }), (error: EchopipeError) => error.code === "invalid-argument");
  }
});
