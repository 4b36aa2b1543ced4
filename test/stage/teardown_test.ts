/** Cancellation, abort and early end: who hears of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type EchopipeError, pipeline, type Stage, stage } from "echopipe";
import { same, settle } from "../support/stages.ts";
import { collect, Source, ways } from "../support/ways.ts";

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
    if (way === "chain") continue; // a connection's stream is left as it is, to be read on
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
