import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadTurns, type TurnTaker } from "../../src/runtime/node/read_turns.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A turn of the event loop. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A connection that notes its turns under a name. */
const named = (name: string, taken: string[]): TurnTaker => ({ takeTurn: () => void taken.push(name) });

test("a connection that is alone never waits", async () => {
  const turns = new ReadTurns();
  const alone = named("alone", []);
  for (let read = 0; read < 100; read++) {
    assert.equal(turns.isOver(alone, MIB), false);
    if (read % 7 === 0) await turn();
  }
});

test("several connections: once the limit of a turn is read, each stops, and one goes on in each turn", async () => {
  const turns = new ReadTurns();
  const taken: string[] = [];
  const [a, b, c] = ["a", "b", "c"].map((name) => named(name, taken));
  assert.equal(turns.isOver(a, MIB), false);
  assert.equal(turns.isOver(b, 64 * KIB), false);
  for (const each of [b, c, a]) assert.equal(turns.isOver(each, MIB), true);
  assert.deepEqual(taken, []);
  for (const expected of [["b"], ["b", "c"], ["b", "c", "a"], ["b", "c", "a"]]) {
    await turn();
    assert.deepEqual(taken, expected);
  }
  assert.equal(turns.isOver(a, 2 * MIB), false, "alone again");
});

test("one connection reads while others are in the queue: it stops, too", async () => {
  const turns = new ReadTurns();
  const taken: string[] = [];
  const [a, b] = ["a", "b"].map((name) => named(name, taken));
  turns.isOver(a, MIB);
  assert.equal(turns.isOver(b, MIB), true);
  assert.equal(turns.isOver(a, MIB), true);
  await turn();
  assert.deepEqual(taken, ["b"]);
  assert.equal(turns.isOver(b, 2 * MIB), true);
  for (const expected of [["b", "a"], ["b", "a", "b"]]) {
    await turn();
    assert.deepEqual(taken, expected);
  }
});
