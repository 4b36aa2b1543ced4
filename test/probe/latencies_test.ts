import assert from "node:assert/strict";
import { test } from "node:test";
import { Jitter } from "../../src/probe/jitter.ts";
import { Latencies } from "../../src/probe/latencies.ts";
import { randomFrom } from "../../src/probe/script.ts";

test("percentiles are those of the sorted times, to three digits", () => {
  const random = randomFrom(1);
  const times = Array.from({ length: 5000 }, () => 0.01 * 10 ** (5 * random() / 2 ** 32));
  const all = new Latencies();
  for (const time of times) all.record(time);
  times.sort((a, b) => a - b);
  for (const percent of [1, 50, 90, 99, 99.9, 100]) {
    const expected = 1000 * times[Math.ceil(percent / 100 * times.length) - 1];
    assert.ok(Math.abs(all.percentile(percent)! - expected) <= Math.max(0.1, expected / 500), `p${percent}`);
  }
});

test("minimum, maximum, mean and deviation are exact", () => {
  const all = new Latencies();
  for (const time of [1, 2, 3, 6]) all.record(time);
  const { min, max, mean, stdev } = all.summary();
  assert.deepEqual({ min, max, mean, stdev }, { min: 1000, max: 6000, mean: 3000, stdev: 1870.8 });
});

test("one time: all figures are that time", () => {
  const all = new Latencies();
  all.record(5.0004);
  const { stdev, ...times } = all.summary();
  assert.deepEqual([...new Set(Object.values(times))], [5000.4]);
  assert.equal(stdev, 0);
});

test("nothing measured: null, never 0", () => {
  const all = new Latencies();
  assert.deepEqual([...new Set(Object.values(all.summary()))], [null]);
  assert.deepEqual([all.percentile(50), all.bars(10)], [null, []]);
});

test("times beyond the range count as its ends", () => {
  const all = new Latencies();
  all.record(0);
  all.record(-1);
  all.record(1e12);
  assert.deepEqual([all.summary().min, all.summary().max], [0.1, 3600e6]);
});

test("added and reset", () => {
  const [a, b] = [new Latencies(), new Latencies()];
  a.record(1);
  b.record(3);
  a.add(b);
  assert.deepEqual([a.count, a.summary().mean], [2, 2000]);
  a.reset();
  a.add(new Latencies());
  assert.deepEqual([a.count, a.summary().p50], [0, null]);
});

test("bars hold all times, the last one the longest", () => {
  const all = new Latencies();
  const random = randomFrom(2);
  for (let i = 0; i < 1000; i++) all.record(0.1 + random() / 2 ** 28);
  const bars = all.bars(20);
  assert.equal(bars.length, 20);
  assert.equal(bars.reduce((sum, { count }) => sum + count, 0), 1000);
  assert.ok(bars.at(-1)!.count > 0);
  assert.ok(Math.abs(bars.at(-1)!.toUs - all.summary().max!) < 1);
});

test("the distribution is in the format of HdrHistogram, in milliseconds", () => {
  const all = new Latencies();
  for (const time of [1, 2, 3, 1000]) all.record(time);
  const lines = all.distribution().split("\n");
  assert.match(lines[0], /^ +Value +Percentile +TotalCount 1\/\(1-Percentile\)$/);
  assert.match(lines[2], /^ +1\.00\d 0\.000000000000 +1 +1\.00$/);
  assert.match(all.distribution(), /^ +1000\.\d+ 1\.000000000000 +4$/m);
  assert.match(all.distribution(), /^#\[Max += +1000\.\d+, Total count += +4\]$/m);
});

test("jitter: the estimator of RFC 3550", () => {
  const jitter = new Jitter();
  jitter.add(10);
  assert.equal(jitter.value, null);
  jitter.add(26); // D = 16: J = 1
  assert.equal(jitter.value, 1);
  jitter.add(9); // D = 17: J = 1 + 16 / 16
  assert.equal(jitter.value, 2);
});
