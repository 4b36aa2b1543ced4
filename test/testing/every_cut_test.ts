/** The tools of `echopipe/testing` notice what they are made for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decoder, type Stage, stage } from "echopipe";
import { bytesOf, everyCut, join, randomCuts, textOf } from "echopipe/testing";

const lines = () =>
  decoder(function* (read) {
    return yield* read.line();
  });
const refused = { name: "AssertionError" };

test("a right decoder passes", async () => {
  await everyCut(lines, bytesOf("one\ntwo\n"), ["one", "two"]);
  await everyCut(lines, bytesOf("one\ntwo"), ["one"], { failure: "truncated" });
  await everyCut(lines, new Uint8Array(0), []);
  await everyCut(lines, bytesOf("line\n".repeat(1000)), Array(1000).fill("line"));
});

test("noticed: other items, fewer, more, another end", async () => {
  for (const expected of [["one", "too"], ["one", "two", "three"], ["one"]]) {
    await assert.rejects(everyCut(lines, bytesOf("one\ntwo\n"), expected), refused);
  }
  await assert.rejects(everyCut(lines, bytesOf("one\ntw"), ["one"]), refused);
  await assert.rejects(everyCut(lines, bytesOf("one\n"), ["one"], { failure: "truncated" }), refused);
});

test("noticed: a decoder that is right only where a read holds a whole item", async () => {
  const wrong = () =>
    stage<Uint8Array, string>((bytes, out) => textOf(bytes).trimEnd().split("\n").forEach(out.push, out));
  await assert.rejects(everyCut(wrong, bytesOf("one\ntwo\n"), ["one", "two"]), refused);
});

test("noticed: bytes that are kept and not copied", async () => {
  const keeper = (keep: boolean): Stage<Uint8Array, string> => {
    const kept: Uint8Array[] = [];
    return stage({
      push(bytes, out) {
        kept.push(bytes);
        if (keep) out.keep();
      },
      end: (out) => out.push(textOf(join(kept))),
    });
  };
  await assert.rejects(everyCut(() => keeper(false), bytesOf("abc"), ["abc"]), refused);
  await everyCut(() => keeper(true), bytesOf("abc"), ["abc"]);
});

test("random cuts: the same for a seed, other ones for another, all of the bytes", () => {
  const bytes = bytesOf("0123456789");
  const cuts = (seed: number) => Array.from(randomCuts(bytes, { seed, rounds: 5 }), (pieces) => pieces.map(textOf));
  assert.deepEqual(cuts(1), cuts(1));
  assert.notDeepEqual(cuts(1), cuts(2));
  for (const pieces of [...cuts(1), ...cuts(2)]) assert.equal(pieces.join(""), "0123456789");
});
