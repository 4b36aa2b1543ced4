/** Backpressure, and what stages say of themselves: flush and start. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { stage } from "echopipe";
import { all, same, settle, upper } from "../support/stages.ts";
import { collect, nameOf, runAll, Source, ways } from "../support/ways.ts";

test("a blocked consumer: the source is read no further than one item a stage, and nothing is made of more", async () => {
  for (const [way, join] of Object.entries(ways)) {
    const source = new Source({ items: Array.from({ length: 100 }, (_, i) => String(i)) });
    let made = 0;
    const counting = stage<string, string>((item, out) => {
      made++;
      out.push(item);
    });
    const items = join(source.readable, [counting, same(), same()])[Symbol.asyncIterator]();
    assert.equal((await items.next()).value, "0", way);
    await settle();
    // A chain of streams reads ahead one item a stage, as a chain of TransformStreams does; fused it is one in all.
    const most = way === "pipeThrough" ? 5 : 3;
    assert.ok(source.taken <= most, `${way}: ${source.taken} items were taken`);
    assert.ok(made <= most, `${way}: ${made} items were made`);
    await items.return?.();
  }
});

test("flush: a stage that makes many items of one waits for the consumer, so that they do not pile up", async () => {
  for (const [way, join] of Object.entries(ways)) {
    let made = 0;
    const many = stage<string, number>(async (_item, out) => {
      for (let i = 0; i < 100; i++) {
        out.push(made++);
        await out.flush();
      }
    });
    const items = join(new Source({ items: ["go"] }).readable, [
      same(),
      many,
      stage<number, number>((n, out) => out.push(n)),
    ]);
    let taken = 0;
    for await (const item of items) {
      assert.equal(item, taken++, way);
      await nextTurn();
      assert.ok(made - taken <= (way === "pipeThrough" ? 4 : 2), `${way}: ${made} are made, ${taken} taken`);
    }
    assert.equal(taken, 100, way);
  }
});

test("flush: a stage that never ends of itself is stopped when the consumer leaves", async () => {
  for (const [way, join] of Object.entries(ways)) {
    const stopped = Promise.withResolvers<unknown>();
    const endless = stage<string, number>(async (_item, out) => {
      try {
        for (let n = 0;; n++) {
          out.push(n);
          void out.flush(); // not waited for: its failure is nobody's
          await out.flush();
        }
      } catch (reason) {
        stopped.resolve(reason);
        throw reason;
      }
    });
    const after = stage<number, number>((n, out) => out.push(n));
    for await (const n of join(new Source({ items: ["go"] }).readable, [same(), endless, after])) if (n === 3) break;
    assert.equal(nameOf(await stopped.promise), "ended", way);
  }
});

test("flush: an asynchronous one is waited for, and called once for what came", async () => {
  let flushes = 0;
  const held = () => {
    let items: string[] = [];
    return stage<string, string>({
      push: (item) => void items.push(item),
      async flush(out) {
        flushes++;
        await nextTurn();
        for (const item of items.splice(0)) out.push(item);
        items = [];
      },
    });
  };
  all(await runAll(() => [held(), same(), held()], { items: ["a", "b", "c"] }), {
    items: ["a", "b", "c"],
    failure: undefined,
  });
  assert.ok(flushes <= Object.keys(ways).length * 2 * 4, `${flushes} flushes`);
});

test("what an asynchronous stage pushes goes on at once, not when it is done", async () => {
  for (const [way, join] of Object.entries(ways)) {
    const answered = Promise.withResolvers<void>();
    const asking = stage<string, string>(async (_item, out) => {
      out.push("question");
      await answered.promise;
      out.push("thanks");
    });
    const items = join(new Source({ items: ["go"] }).readable, [same(), asking, same()])[Symbol.asyncIterator]();
    assert.equal((await items.next()).value, "question", way);
    answered.resolve();
    assert.equal((await items.next()).value, "thanks", way);
    assert.equal((await items.next()).done, true, way);
  }
});

test("start: a stage speaks, and ends the stream, while no item comes", async () => {
  for (const [way, join] of Object.entries(ways)) {
    const speaking = stage<string, string>({
      start(out) {
        out.push("hello");
        void (async () => {
          await nextTurn();
          out.push("still there?");
          await out.flush();
          out.end();
        })();
      },
      push: (item, out) => out.push(item),
    });
    const never = new ReadableStream<unknown>({}, { highWaterMark: 0 });
    const outcome = await collect(join(never, [same(), speaking, upper()]));
    assert.deepEqual(outcome, { items: ["HELLO", "STILL THERE?"], failure: undefined }, way);
  }
});

test("what a stage pushes from a timer leaves at once, and a failure of a later stage is reported at once", async () => {
  for (const [way, join] of Object.entries(ways)) {
    const timed = stage<string, string>({
      start(out) {
        void nextTurn().then(async () => {
          out.push("tick");
          await nextTurn();
          out.push("tock");
        });
      },
      push: (item, out) => out.push(item),
    });
    const breaking = stage<string, string>((item, out) => {
      if (item === "tock") throw new Error("no tock");
      out.push(item);
    });
    const silent = new ReadableStream<unknown>({}, { highWaterMark: 0 });
    const items = join(silent, [timed, breaking, same()])[Symbol.asyncIterator]();
    assert.equal((await items.next()).value, "tick", way);
    await assert.rejects(async () => void await items.next(), { message: "no tock" }, way);
  }
});

test("start: what it throws is the failure", async () => {
  const make = () => [
    same(),
    stage<string, string>({
      start() {
        throw new Error("not today");
      },
      push() {},
    }),
  ];
  all(await runAll(make, { items: ["a"] }), { items: [], failure: "not today" });
});
