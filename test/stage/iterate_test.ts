/** Stages over an iterable, as the generator that they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "echopipe";

const same = () => stage<number, number>((item, out) => out.push(item));
const twice = () =>
  stage<number, number>((item, out) => {
    out.push(item);
    out.push(item);
  });

/** A source that notes what is asked of it. */
function source(items: number[], waits = false) {
  const seen = { asked: 0, returned: 0 };
  const iterator: AsyncIterableIterator<number> = {
    next() {
      seen.asked++;
      const value = items.shift();
      if (value !== undefined) return Promise.resolve({ done: false, value });
      return waits ? new Promise(() => {}) : Promise.resolve({ done: true, value: undefined });
    },
    return() {
      seen.returned++;
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return { seen, iterator };
}

test("over: calls of next that are made at once are answered in order, and then done", async () => {
  for (const items of [[1, 2], source([1, 2]).iterator]) {
    const found = twice().over(items);
    const results = await Promise.all(Array.from({ length: 6 }, () => found.next()));
    assert.deepEqual(results.map(({ value }) => value), [1, 1, 2, 2, undefined, undefined]);
    assert.deepEqual(results.map(({ done }) => done), [false, false, false, false, true, true]);
  }
});

test("over: the source is asked for an item only when the output of the last is consumed", async () => {
  const { seen, iterator } = source([1, 2, 3]);
  const found = twice().over(iterator);
  assert.equal(seen.asked, 0);
  await found.next();
  await found.next();
  await new Promise((resume) => setTimeout(resume, 0));
  assert.equal(seen.asked, 1);
  await found.next();
  assert.equal(seen.asked, 2);
});

test("over: return before the first item touches nothing; the stage was used", async () => {
  const { seen, iterator } = source([1]);
  const found = same().over(iterator);
  assert.deepEqual(await found.return(), { done: true, value: undefined });
  assert.deepEqual(await found.next(), { done: true, value: undefined });
  assert.deepEqual(seen, { asked: 0, returned: 0 });
});

test("over: return while next waits ends both, and does not wait for the source", async () => {
  const { seen, iterator } = source([], true);
  const found = same().over(iterator);
  const waiting = found.next();
  assert.deepEqual(await found.return(), { done: true, value: undefined });
  assert.deepEqual(await waiting, { done: true, value: undefined });
  assert.deepEqual(seen, { asked: 1, returned: 1 });
});

test("over: throw ends it with the error, dispose ends it too", async () => {
  for (const leave of ["throw", "dispose"]) {
    const { seen, iterator } = source([1, 2]);
    const found = same().over(iterator);
    await found.next();
    if (leave === "throw") await assert.rejects(found.throw(new Error("left")), { message: "left" });
    else await found[Symbol.asyncDispose]();
    assert.equal(seen.returned, 1);
    assert.equal((await found.next()).done, true);
  }
});

test("over: a failure is reported once, after the items before it", async () => {
  const failing = stage<number, number>((item, out) => {
    out.push(item);
    throw new Error("no");
  });
  const found = failing.over([1]);
  assert.deepEqual(await found.next(), { done: false, value: 1 });
  await assert.rejects(found.next(), { message: "no" });
  assert.deepEqual(await found.next(), { done: true, value: undefined });
});

test("over: a source that cannot be iterated, or answers with no object, is a failure", async () => {
  const odd = { [Symbol.iterator]: () => ({ next: () => 7 }) } as unknown as Iterable<number>;
  await assert.rejects(same().over(odd).next());
  await assert.rejects(same().over({} as Iterable<number>).next());
});
