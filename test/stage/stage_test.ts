/** A stage alone: as a pair of streams, and over an iterable. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { EchopipeError, type Output, pipeline, Stage, stage } from "echopipe";
import { collect, nameOf, type Outcome, runAll, Source, ways } from "../support/ways.ts";

const all = (outcomes: Record<string, Outcome>, expected: Outcome) => {
  for (const [way, outcome] of Object.entries(outcomes)) assert.deepEqual(outcome, expected, way);
};
const upper = () => stage<string, string>((item, out) => out.push(item.toUpperCase()));
const same = () => stage<string, string>((item, out) => out.push(item));
/** Lets everything happen that can without input. */
const settle = async () => {
  for (let i = 0; i < 5; i++) await nextTurn();
};

test("no item: no output, no error; end is called once", async () => {
  let ends = 0;
  all(await runAll(() => [stage({ push() {}, end: () => void ends++ })], { items: [] }), {
    items: [],
    failure: undefined,
  });
  assert.equal(ends, Object.keys(ways).length);
});

test("what was pushed before a throw is delivered, then the error", async () => {
  const make = () => [
    upper(),
    stage<string, string>((item, out) => {
      out.push(item + 1);
      if (item === "B") throw new EchopipeError("protocol", "no B");
      out.push(item + 2);
    }),
    same(),
  ];
  all(await runAll(make, { items: ["a", "b", "c"] }), { items: ["A1", "A2", "B1"], failure: "protocol" });
});

test("what was pushed before an asynchronous stage rejects is delivered, then the error", async () => {
  for (const position of [0, 1, 2]) {
    const make = () => {
      const broken = stage<string, string>(async (item, out) => {
        await null;
        out.push(item);
        await null;
        if (item === "b") throw new Error("rejected");
      });
      return [0, 1, 2].map((at) => at === position ? broken : same());
    };
    all(await runAll(make, { items: ["a", "b", "c"] }), { items: ["a", "b"], failure: "rejected" });
  }
});

test("an error of the source comes after all that was made of what it gave", async () => {
  const held = () => {
    let items: string[] = [];
    return stage<string, string>({
      push: (item) => void items.push(item),
      flush: (out) => {
        items.forEach((item) => out.push(item));
        items = [];
      },
    });
  };
  const slow = () =>
    stage<string, string>(async (item, out) => {
      await nextTurn();
      out.push(item);
    });
  const script = { items: ["a", "b"], failure: new Error("source") };
  all(await runAll(() => [same(), held(), slow(), held()], script), { items: ["a", "b"], failure: "source" });
});

test("a stage that ends the stream: first, in the middle, last; with others at work", async () => {
  for (const busy of [false, true]) {
    for (const position of [0, 1, 2]) {
      const make = () => {
        const ender = stage<string, string>((item, out) => {
          if (item === "b") {
            out.end();
            out.push("dropped");
          } else out.push(item);
        });
        const other = () =>
          stage<string, string>({
            push: busy ? async (item, out) => (await nextTurn(), out.push(item)) : (item, out) => out.push(item),
            end: (out) => position < 2 ? out.push("end") : undefined,
          });
        return [0, 1, 2].map((at) => at === position ? ender : other());
      };
      const ends = Array(2 - position).fill("end");
      all(await runAll(make, { items: ["a", "b", "c"] }), { items: ["a", ...ends], failure: undefined });
    }
  }
});

test("an early end cancels the source and the stages before, with the code ended", async () => {
  for (const [way, join] of Object.entries(ways)) {
    if (way === "over") continue; // an iterator is left without a reason
    const heard: unknown[] = [];
    const source = new Source({ items: ["a", "b", "c"] }, true);
    const before = stage<string, string>({
      push: (item, out) => out.push(item),
      cancel: (reason) => void heard.push((reason as EchopipeError).code),
    });
    const end = stage<string, string>((_item, out) => out.end());
    assert.deepEqual(await collect(join(source.readable, [before, end])), { items: [], failure: undefined }, way);
    await settle();
    assert.deepEqual(heard, ["ended"], way);
    if (way !== "fused, over") assert.equal((source.cancelled?.reason as EchopipeError).code, "ended", way);
    assert.ok(source.cancelled, way);
    assert.ok(source.taken <= 2, `${way}: ${source.taken} items were taken`);
  }
});

test("a consumer that cancels: the source and every stage hear the reason, once", async () => {
  for (const [way, join] of Object.entries(ways)) {
    if (way.includes("over")) continue;
    const heard: unknown[] = [];
    const make = () =>
      stage<string, string>({ push: (item, out) => out.push(item), cancel: (reason) => void heard.push(reason) });
    const source = new Source({ items: ["a", "b", "c", "d"] }, true);
    const joined = join(source.readable, [make(), make()]) as ReadableStream<unknown>;
    const reader = joined.getReader();
    assert.equal((await reader.read()).value, "a");
    await reader.cancel("enough");
    await settle();
    assert.deepEqual(heard, ["enough", "enough"], way);
    assert.equal(source.cancelled?.reason, "enough", way);
  }
});

test("a consumer that leaves a loop: the source and every stage hear of it", async () => {
  for (const way of ["over", "fused, over"]) {
    let heard = 0;
    const make = () => stage<string, string>({ push: (item, out) => out.push(item), cancel: () => void heard++ });
    const source = new Source({ items: ["a", "b", "c", "d"] }, true);
    for await (const item of ways[way](source.readable, [make(), make()])) {
      assert.equal(item, "a");
      break;
    }
    assert.equal(heard, 2, way);
    assert.ok(source.cancelled, way);
  }
});

test("a consumer that cancels while a stage is at work", async () => {
  for (const join of [ways.pipeThrough, ways["fused, pipeThrough"]]) {
    const calls: string[] = [];
    const work = Promise.withResolvers<void>();
    const slow = stage<string, string>({
      async push(item, out) {
        calls.push(`push ${item}`);
        await work.promise;
        out.push(item);
      },
      flush: () => void calls.push("flush"),
      end: () => void calls.push("end"),
      cancel: (reason) => void calls.push(`cancel ${reason}`),
    });
    const source = new Source({ items: ["a", "b"] });
    const reader = (join(source.readable, [same(), slow]) as ReadableStream<unknown>).getReader();
    const read = reader.read();
    await settle();
    await reader.cancel("enough");
    work.resolve();
    await settle();
    assert.deepEqual(await read, { value: undefined, done: true });
    assert.deepEqual(calls, ["push a", "cancel enough"]);
  }
});

test("an aborted writer: the stage hears the reason, what was made is delivered, then the reason", async () => {
  for (
    const wrap of [(inner: Stage<string, string>) => inner, (inner: Stage<string, string>) => pipeline(same(), inner)]
  ) {
    let heard: unknown;
    const joined = wrap(stage<string, string>({
      push(item, out) {
        for (const copy of [1, 2, 3]) out.push(item + copy);
      },
      cancel: (reason) => void (heard = reason),
    }));
    const writer = joined.writable.getWriter();
    const reader = joined.readable.getReader();
    const first = reader.read();
    await writer.write("a");
    const blocked = writer.write("b"); // waits for the consumer
    const aborting = writer.abort(new Error("enough"));
    blocked.catch(() => {});
    writer.closed.catch(() => {});
    assert.equal((await first).value, "a1");
    assert.equal((await reader.read()).value, "a2");
    assert.equal((await reader.read()).value, "a3");
    await assert.rejects(reader.read(), { message: "enough" });
    await aborting;
    assert.equal((heard as Error).message, "enough");
  }
});

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

test("a stage serves one stream: a second use is refused", async () => {
  const refused = { name: "EchopipeError", code: "in-use" };
  const first = same();
  await collect(first.over(["a"]));
  assert.throws(() => first.over(["b"]), refused);
  assert.throws(() => first.readable, refused);
  assert.throws(() => pipeline(same(), first), refused);
  const second = same();
  assert.equal(second.readable, second.readable);
  assert.throws(() => second.over(["b"]), refused);
  const third = same();
  const fused = pipeline(same(), third);
  assert.throws(() => third.writable, refused);
  await collect(fused.over(["a"]));
  assert.throws(() => pipeline(fused, same()), refused);
  assert.throws(() => pipeline(...(Array(2).fill(same()) as [Stage<string, string>, Stage<string, string>])), refused);
});

test("a class of one's own has no need of stage()", async () => {
  class Sum extends Stage<number, number> {
    #sum = 0;
    push(item: number): void {
      this.#sum += item;
    }
    override end(out: Output<number>): void {
      out.push(this.#sum);
    }
  }
  assert.deepEqual(await Array.fromAsync(new Sum().over([1, 2, 3])), [6]);
});

test("cancel: what it throws is reported to who cancelled, and the others hear of it all the same", async () => {
  const heard: string[] = [];
  const make = (name: string, fails: boolean) =>
    stage<string, string>({
      push: (item, out) => out.push(item),
      cancel() {
        heard.push(name);
        if (fails) throw new Error(`${name} cannot`);
      },
    });
  const fused = pipeline(make("a", true), make("b", false), make("c", true));
  await assert.rejects(fused.readable.cancel("enough"), { message: "a cannot" });
  assert.deepEqual(heard, ["a", "b", "c"]);
});
