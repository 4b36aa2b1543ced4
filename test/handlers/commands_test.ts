/** Commands, echo and exit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chunk, type ChunkCodec, commands, echo, exit, line, message, raw, type Stage } from "echopipe";
import fc from "fast-check";
import { allCuts, bytesOf, cutAtFractions, join, places, textOf } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { collect, runAll } from "../support/ways.ts";

const copy = (view: unknown) => (view as Uint8Array).slice();
const frame = (kind: number, payload: string) =>
  join([Uint8Array.of(kind << 6, 0, 0, payload.length), bytesOf(payload)]);

/** What comes back through commands, and which ran. */
async function back(make: () => ChunkCodec, pieces: Uint8Array[], words = ["exit", "stop"]) {
  const ran: string[] = [];
  const table = Object.fromEntries(words.map((word) => [word, () => void ran.push(word)]));
  const { decoder, encoder } = make();
  const echoed = encoder.over(commands(table).over(decoder.over(pieces)));
  const { items, failure } = await collect(echoed, copy);
  return { text: textOf(join(items as Uint8Array[])), ran, failure };
}

const lines: Record<string, [string, string, string[]]> = {
  "exit": ["exit\n", "", ["exit"]],
  "exit before \\r\\n": ["exit\r\n", "", ["exit"]],
  "several, with text between": ["a\nstop\nb\nexit\r\n\n", "a\nb\n\n", ["stop", "exit"]],
  "a longer line": ["exits\nexit \n exit\nexi\nEXIT\n", "exits\nexit \n exit\nexi\nEXIT\n", []],
  "carriage returns": ["exit\r\r\nexit\rx\n\rexit\n", "exit\r\r\nexit\rx\n\rexit\n", []],
  "not ended": ["exit", "exit", []],
  "not ended, with \\r": ["a\nexit\r", "a\nexit\r", []],
  "the beginning of a word, then the word": ["ex\nexit\n", "ex\n", ["exit"]],
};

for (const [name, [wire, text, ran]] of Object.entries(lines)) {
  test(`lines: ${name}`, async () => {
    for (const pieces of allCuts(bytesOf(wire))) {
      for (const chunkSize of [1, 3, 1024]) {
        assert.deepEqual(await back(() => line({ chunkSize }), pieces), { text, ran, failure: undefined });
      }
    }
  });
}

test("messages: a whole text message is a command; data, longer ones and raw bytes never are", async () => {
  const wire = join([
    frame(0, "exit"),
    frame(0, "exit\n"),
    frame(1, "exit"),
    frame(0, "exi"),
    frame(0, ""),
    frame(0, "stop"),
  ]);
  const text = textOf(join([frame(0, "exit\n"), frame(1, "exit"), frame(0, "exi"), frame(0, "")]));
  for (const pieces of allCuts(wire)) {
    for (const chunkSize of [1, 3, 1024]) {
      const expected = { text, ran: ["exit", "stop"], failure: undefined };
      assert.deepEqual(await back(() => message({ chunkSize }), pieces), expected);
    }
  }
  assert.deepEqual(await back(raw, [bytesOf("exit\n")]), { text: "exit\n", ran: [], failure: undefined });
});

test("words that begin alike, and words that are not ASCII", async () => {
  const words = ["go", "gone", "größe"];
  const wire = "go\ngone\ngon\ngröße\ngrö\n";
  for (const pieces of allCuts(bytesOf(wire))) {
    const expected = { text: "gon\ngrö\n", ran: words, failure: undefined };
    assert.deepEqual(await back(line, pieces, words), expected);
  }
});

test("whatever is said and however it is cut, all that is no command comes back, in order", async () => {
  const said = fc.array(
    fc.constantFrom("exit\n", "exit\r\n", "ex", "it\n", "exi\n", "\r\n", "x\n", "exit", "\n", "stop\n"),
  );
  await holds(
    300,
    fc.asyncProperty(said, places, fc.integer({ min: 1, max: 7 }), async (said, fractions, chunkSize) => {
      const wire = said.join("");
      const kept = wire.split(/(?<=\n)/).filter((line) => !/^(exit|stop)\r?\n$/.test(line)).join("");
      const { text } = await back(() => line({ chunkSize }), cutAtFractions(bytesOf(wire), fractions));
      assert.equal(text, kept);
    }),
  );
});

test("exit ends the stream, in every way of running it: what came before is delivered, what follows is not", async () => {
  const wire = bytesOf("one\ntwo\nexit\nthree\n");
  for (const pieces of allCuts(wire)) {
    const make = () => {
      const { decoder, encoder } = line({ chunkSize: 3 });
      return [decoder, exit(), echo<Chunk>(), encoder];
    };
    for (const [way, { items, failure }] of Object.entries(await runAll(make, { items: pieces }, copy))) {
      assert.deepEqual([textOf(join(items as Uint8Array[])), failure], ["one\ntwo\n", undefined], way);
    }
  }
});

test("a command may answer, and take its time", async () => {
  const make = () => [
    commands({
      async time(out) {
        await null;
        out.push(Chunk.text("late"));
      },
    }) as Stage<unknown, unknown>,
  ];
  const said = ["a", "time", "b"].map(Chunk.text);
  for (const { items } of Object.values(await runAll(make, { items: said }, (item) => (item as Chunk).toText()))) {
    assert.deepEqual(items, ["a", "late", "b"]);
  }
});

test("a command that throws ends the stream with its error", async () => {
  const failing = commands({
    fail() {
      throw new Error("no");
    },
  });
  const outcome = await collect(
    failing.over(["a", "fail", "b"].map(Chunk.text)),
    (item) => (item as Chunk).toText(),
  );
  assert.deepEqual(outcome, { items: ["a"], failure: "no" });
});

test("no word, or an empty one, is refused", () => {
  assert.throws(() => commands({}), { code: "invalid-argument" });
  assert.throws(() => commands({ "": () => {} }), { code: "invalid-argument" });
});
