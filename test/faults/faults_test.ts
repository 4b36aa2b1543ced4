/** Faults as stages: what each does to bytes, and that none outgrows its bounds or outlives its stream. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { corrupt, cut, type Fault, faultStage, latency, reset, slice, stall, throttle } from "echopipe/faults";
import fc from "fast-check";
import { cutAtFractions, join, places } from "../support/cuts.ts";
import { within } from "../support/deadline.ts";
import { holds } from "../support/property.ts";
import { collect } from "../support/ways.ts";

const some = Uint8Array.from({ length: 500 }, (_, i) => i);
const through = async (fault: Fault, pieces: Iterable<Uint8Array>) => {
  const { items, failure } = await collect(faultStage(fault).over(pieces), (view) => (view as Uint8Array).slice());
  return { bytes: join(items as Uint8Array[]), sizes: (items as Uint8Array[]).map(({ length }) => length), failure };
};

test("latency, throttle, slice and a corruption of probability 0 change no byte, however it is cut", async () => {
  const faults: Fault[] = [
    { name: "latency", delayMs: 2, jitterMs: 2 },
    { name: "throttle", bytesPerSecond: 2 ** 30 },
    { name: "slice", bytes: 7 },
    { name: "corrupt", probability: 0 },
    ...(["cut", "reset", "stall"] as const).map((name) => ({ name, bytes: 501 })),
  ];
  await holds(
    60,
    fc.asyncProperty(places, fc.constantFrom(...faults), async (cuts, fault) => {
      const { bytes, failure } = await through(fault, cutAtFractions(some, cuts));
      assert.deepEqual([bytes, failure], [some, undefined]);
    }),
  );
});

test("cut, reset and stall let exactly so many bytes pass, however they are cut", async () => {
  for (const name of ["cut", "reset"] as const) {
    await holds(
      60,
      fc.asyncProperty(places, fc.nat(500), async (cuts, limit) => {
        const { bytes, failure } = await through({ name, bytes: limit }, cutAtFractions(some, cuts));
        assert.deepEqual(bytes, some.subarray(0, limit));
        assert.equal(failure, name === "reset" ? "reset" : undefined);
      }),
    );
  }
  const left = await collect(stall(3, { maxMs: 1 }).over([some.subarray(0, 2), some.subarray(2, 9)]));
  assert.deepEqual(left, { items: [some.subarray(0, 2), some.subarray(2, 3)], failure: "timed-out" });
});

test("slice: no piece is larger", async () => {
  const { sizes } = await through({ name: "slice", bytes: 3 }, [some.subarray(0, 7), some.subarray(7, 8)]);
  assert.deepEqual(sizes, [3, 3, 1, 1]);
});

test("corrupt: one bit of a changed byte, as often as asked, the same for a seed, and never in the sender's memory", async () => {
  const zeros = new Uint8Array(1_000_000);
  const changed = async (seed: number, pieces: Uint8Array[]) =>
    join(await Array.fromAsync(corrupt(0.001, { seed }).over(pieces)) as Uint8Array[]);
  const [one, cuts, other] = await Promise.all([
    changed(1, [zeros]),
    changed(1, cutAtFractions(zeros, [0.1, 0.5, 0.500001])),
    changed(2, [zeros]),
  ]);
  assert.deepEqual(one, cuts);
  assert.notDeepEqual(one, other);
  const flipped = one.filter((byte) => byte !== 0);
  assert.ok(flipped.length > 850 && flipped.length < 1150, `${flipped.length} of 1000`);
  assert.ok(flipped.every((byte) => (byte & byte - 1) === 0));
  assert.equal(new Set(flipped).size, 8);
  assert.ok(zeros.every((byte) => byte === 0));
  const all = await changedAll();
  assert.ok(all.every((byte) => byte !== 0));
  async function changedAll() {
    return join(await Array.fromAsync(corrupt(1).over([new Uint8Array(100)])) as Uint8Array[]);
  }
});

test("latency: bytes that are under way are bounded, and the sender waits", async () => {
  let taken = 0;
  const source = (function* () {
    for (; taken < 1000; taken++) yield new Uint8Array(1000);
  })();
  const reader = ReadableStream.from(source).pipeThrough(latency(3_600_000, { maxBytes: 10_000 })).getReader();
  const first = reader.read();
  await within(() => taken > 5, "items under way");
  await new Promise((resume) => setTimeout(resume, 50));
  assert.ok(taken <= 15, `${taken} taken`);
  await reader.cancel();
  assert.equal((await first).done, true);
});

test("latency and throttle that are cancelled leave no timer", async () => {
  for (const stage of [latency(3_600_000), throttle(1), stall(1, { maxMs: 3_600_000 })]) {
    const reader = stage.readable.getReader();
    const writer = stage.writable.getWriter();
    void writer.write(randomBytes(100)).catch(() => {});
    void writer.close().catch(() => {});
    void reader.read();
    await new Promise((resume) => setTimeout(resume, 5));
    await reader.cancel("enough");
    await writer.closed.catch(() => {});
  }
});

test("values out of their range are refused", () => {
  const wrong = [
    () => latency(-1),
    () => latency(10, { jitterMs: 11 }),
    () => throttle(0),
    () => throttle(NaN),
    () => slice(0),
    () => slice(1.5),
    () => corrupt(1.1),
    () => cut(-1),
    () => reset(NaN),
    () => stall(-1),
  ];
  for (const make of wrong) assert.throws(make, { code: "invalid-argument" });
});
