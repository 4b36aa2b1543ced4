import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadTurns } from "../../src/runtime/read_turns.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A step of the event loop. */
const step = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a turn is over when 2 MiB were read in it, by whomever", () => {
  const turns = new ReadTurns(1);
  for (let read = 0; read < 31; read++) assert.equal(turns.isOver(64 * KIB), false);
  assert.equal(turns.isOver(64 * KIB), true);
  assert.equal(turns.isOver(64 * KIB), true);
});

test("small reads count for nothing, and wait for nobody", () => {
  const turns = new ReadTurns(1);
  for (let read = 0; read < 1000; read++) assert.equal(turns.isOver(8 * KIB - 1), false);
  assert.equal(turns.isOver(2 * MIB), true);
  assert.equal(turns.isOver(8 * KIB - 1), false);
});

test("connections that wait go on one in each turn, in the order they came", async () => {
  const turns = new ReadTurns(1);
  const order: string[] = [];
  for (const name of ["a", "b", "c"]) turns.wait(() => order.push(name));
  for (const expected of ["", "a", "ab", "abc", "abc"]) {
    assert.equal(order.join(""), expected);
    await step();
  }
  turns.wait(() => order.push("d"));
  await step();
  assert.equal(order.join(""), "abcd");
});

test("a turn begins with nothing read", async () => {
  const turns = new ReadTurns(1);
  turns.isOver(2 * MIB);
  await new Promise<void>((resolve) => turns.wait(resolve));
  assert.equal(turns.isOver(2 * MIB - 1), false);
  assert.equal(turns.isOver(8 * KIB), true);
});

test("a turn of three steps: a connection that waits begins at the third", async () => {
  const turns = new ReadTurns(3);
  let begun = 0;
  for (let i = 0; i < 3; i++) turns.wait(() => begun++);
  for (const expected of [0, 0, 1, 1, 1, 2, 2, 2, 3]) {
    await step();
    assert.equal(begun, expected);
  }
});

test("a connection that waits again as it goes on joins behind the others", async () => {
  const turns = new ReadTurns(1);
  const order: string[] = [];
  const again = (name: string) => () => {
    order.push(name);
    if (order.length < 5) turns.wait(again(name));
  };
  turns.wait(again("a"));
  turns.wait(again("b"));
  while (order.length < 5) await step();
  assert.equal(order.join(""), "ababa");
});
