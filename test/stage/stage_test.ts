/** What stages make, in every way of running them: output, errors, end; and that each serves one stream. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { EchopipeError, type Output, pipeline, Stage, stage } from "echopipe";
import { all, same, upper } from "../support/stages.ts";
import { collect, runAll, ways } from "../support/ways.ts";

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
