import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueue } from "../../src/identity/fair_queue.ts";

/** A queue with one item for each letter; what gives way is returned beside it. */
function filled(limit: number, letters: string) {
  const queue = new FairQueue<string>(limit);
  const counts = new Map<string, number>();
  const evicted = [...letters].map((key) => {
    const number = (counts.get(key) ?? 0) + 1;
    counts.set(key, number);
    return queue.add(key, `${key}${number}`);
  });
  return { queue, evicted: evicted.filter((item) => item !== undefined) };
}

function takeAll(queue: FairQueue<string>): string[] {
  const items: string[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) items.push(item);
  return items;
}

test("keys take turns, each in its own order", () => {
  const { queue } = filled(10, "aaabbc");
  assert.deepEqual(takeAll(queue), ["a1", "b1", "c1", "a2", "b2", "a3"]);
  assert.equal(queue.take(), undefined);
});

test("one key may have the whole queue, and gives way to others: its last item goes", () => {
  const { queue, evicted } = filled(4, "aaaaabcb");
  assert.deepEqual(evicted, ["a5", "a4", "a3", "a2"]);
  assert.deepEqual(takeAll(queue), ["a1", "b1", "c1", "b2"]);
});

test("what is taken makes room", () => {
  const { queue } = filled(2, "ab");
  assert.equal(queue.take(), "a1");
  assert.equal(queue.add("a", "a2"), undefined);
  assert.equal(queue.add("a", "a3"), "a3");
  assert.deepEqual(queue.drain(), ["b1", "a2"]);
  assert.equal(queue.take(), undefined);
  assert.equal(queue.add("c", "c1"), undefined);
});
