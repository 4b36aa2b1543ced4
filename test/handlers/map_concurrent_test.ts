/** Several handlers at a time: order, limit, failure, tear-down. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { mapConcurrent, pipeline, stage } from "echopipe";
import { ScriptedSink, ScriptedSource } from "echopipe/testing";
import { pipe } from "../../src/pipe/pipe.ts";
import { collect } from "../support/ways.ts";

/** Handlers whose promises a test settles. */
class Handlers {
  readonly begun: string[] = [];
  readonly signals: AbortSignal[] = [];
  readonly #pending = new Map<string, PromiseWithResolvers<string>>();

  readonly handle = (item: string, { signal }: { signal: AbortSignal }): Promise<string> => {
    this.begun.push(item);
    this.signals.push(signal);
    const pending = Promise.withResolvers<string>();
    this.#pending.set(item, pending);
    return pending.promise;
  };

  async finish(...items: string[]): Promise<void> {
    for (const item of items) {
      this.#pending.get(item)!.resolve(item.toUpperCase());
      await settle();
    }
  }

  async fail(item: string): Promise<void> {
    this.#pending.get(item)!.reject(new Error(`no ${item}`));
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await nextTurn();
}

test("in order, whatever is ready first; not in order, if asked", async () => {
  for (const [ordered, expected] of [[true, "ABCD"], [false, "CADB"]] as const) {
    const handlers = new Handlers();
    const collected = collect(mapConcurrent(4, handlers.handle, { ordered }).over(["a", "b", "c", "d"]));
    await settle();
    await handlers.finish("c", "a", "d", "b");
    assert.deepEqual(await collected, { items: [...expected], failure: undefined });
  }
});

test("no more than the limit at a time; results that wait for an earlier one count", async () => {
  const handlers = new Handlers();
  const collected = collect(mapConcurrent(2, handlers.handle).over(["a", "b", "c", "d"]));
  await settle();
  assert.deepEqual(handlers.begun, ["a", "b"]);
  await handlers.finish("b");
  assert.deepEqual(handlers.begun, ["a", "b"]);
  await handlers.finish("a");
  assert.deepEqual(handlers.begun, ["a", "b", "c", "d"]);
  await handlers.finish("c", "d");
  assert.deepEqual((await collected).items, ["A", "B", "C", "D"]);
});

test("a result leaves as soon as it is ready, though no more input comes", async () => {
  const handlers = new Handlers();
  const items = new ReadableStream<string>({ start: (controller) => controller.enqueue("a") });
  const results = mapConcurrent(2, handlers.handle).over(items);
  const first = results.next();
  await settle();
  await handlers.finish("a");
  assert.deepEqual(await first, { done: false, value: "A" });
  await results.return();
});

test("a handler that need not wait is passed on at once, in its place; undefined is no result", async () => {
  const mixed = mapConcurrent(3, (n: number) => n === 2 ? undefined : n % 2 ? Promise.resolve(n) : n);
  assert.deepEqual(await Array.fromAsync(mixed.over([1, 2, 3, 4, 5, 6])), [1, 3, 4, 5, 6]);
});

test("a failure fails the stream at once, though no more input comes, and aborts the others", async () => {
  for (const ordered of [true, false]) {
    const handlers = new Handlers();
    const items = new ReadableStream<string>({
      start: (controller) => ["a", "b"].forEach((i) => controller.enqueue(i)),
    });
    const collected = collect(mapConcurrent(4, handlers.handle, { ordered }).over(items));
    await settle();
    await handlers.finish("a");
    await handlers.fail("b");
    assert.deepEqual(await collected, { items: ["A"], failure: "no b" });
    assert.ok(handlers.signals.every(({ aborted }) => aborted));
  }
  const thrown = mapConcurrent(2, () => {
    throw new Error("thrown");
  });
  assert.deepEqual(await collect(thrown.over([1])), { items: [], failure: "thrown" });
});

test("a failure while the stage is full, and while it is at its end", async () => {
  for (const [max, items] of [[1, ["a", "b"]], [2, ["a"]]] as const) {
    const handlers = new Handlers();
    const collected = collect(mapConcurrent(max, handlers.handle).over(items));
    await settle();
    await handlers.fail("a");
    assert.deepEqual(await collected, { items: [], failure: "no a" });
  }
});

test("a consumer that leaves aborts the handlers", async () => {
  const handlers = new Handlers();
  const results = mapConcurrent(2, handlers.handle).over(["a", "b", "c"]);
  const first = results.next();
  await settle();
  await handlers.finish("a");
  await first;
  await results.return();
  assert.ok(handlers.signals.every(({ aborted }) => aborted));
});

test("the peer is passed on; bytes that a handler holds stay as they are", async () => {
  const read = Uint8Array.of(1, 2, 3);
  const source = new ScriptedSource([read, read.slice()]);
  source.release = () => void read.fill(0);
  const handle = async (bytes: Uint8Array, { peer }: { peer: string }) => {
    await nextTurn();
    return Uint8Array.of(peer.length, ...bytes);
  };
  const sink = new ScriptedSink();
  await pipe(source, pipeline(stage((b, out) => out.push(b)), mapConcurrent(4, handle, { peer: "four" })), sink);
  assert.deepEqual(sink.written.flatMap((bytes) => [...bytes]), [4, 1, 2, 3, 4, 1, 2, 3]);
});

test("a limit out of its range is refused", () => {
  assert.throws(() => mapConcurrent(0, () => 1), { code: "invalid-argument" });
});
