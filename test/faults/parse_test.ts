/** The text form of faults. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFaults } from "echopipe/faults";
import { faultsOf } from "../../src/faults/fault_list.ts";

const right: Record<string, unknown> = {
  "latency=50ms": { name: "latency", delayMs: 50, jitterMs: 0 },
  "latency=50ms±10ms": { name: "latency", delayMs: 50, jitterMs: 10 },
  "latency=50ms+-10ms": { name: "latency", delayMs: 50, jitterMs: 10 },
  "latency=50ms±10": { name: "latency", delayMs: 50, jitterMs: 10 },
  "latency=1.5s±200ms": { name: "latency", delayMs: 1500, jitterMs: 200 },
  "throttle=1MiB/s": { name: "throttle", bytesPerSecond: 1048576 },
  "throttle=500B/s": { name: "throttle", bytesPerSecond: 500 },
  "throttle=2kB/s": { name: "throttle", bytesPerSecond: 2000 },
  "slice=3": { name: "slice", bytes: 3 },
  "corrupt=0.000001": { name: "corrupt", probability: 1e-6 },
  "corrupt=1e-6": { name: "corrupt", probability: 1e-6 },
  "cut=1MiB": { name: "cut", bytes: 1048576 },
  "reset=0": { name: "reset", bytes: 0 },
  "stall=1.5KiB": { name: "stall", bytes: 1536 },
};

for (const [text, fault] of Object.entries(right)) {
  test(`${text} is understood`, () => assert.deepEqual(parseFaults(text), [fault]));
}

test("several, in their order, and spaces between them", () => {
  assert.deepEqual(parseFaults("slice=3, cut=1MiB,latency=1ms").map(({ name }) => name), ["slice", "cut", "latency"]);
});

const wrong: Record<string, RegExp> = {
  "": /expected NAME=VALUE with one of latency, throttle/,
  "lag=5ms": /"lag=5ms": expected NAME=VALUE/,
  "latency": /"latency": expected NAME=VALUE/,
  "latency=50": /expected a delay/,
  "latency=10ms±20ms": /a jitter no longer/,
  "latency=10ms±": /expected a delay/,
  "latency=-10ms": /expected a delay/,
  "latency=2h": /expected a delay/,
  "throttle=1MiB": /expected bytes a second/,
  "throttle=0B/s": /expected bytes a second/,
  "slice=0": /expected a number of bytes from 1/,
  "slice=0x3": /expected a number of bytes/,
  "corrupt=2": /expected a probability from 0 to 1/,
  "corrupt=": /expected a probability/,
  "cut=1MiB,cut=2MiB": /cut is given twice/,
  "cut=1 MiB": /expected a number of bytes/,
  "constructor=1": /expected NAME=VALUE/,
};

for (const [text, said] of Object.entries(wrong)) {
  test(`"${text}" is refused`, () =>
    assert.throws(() => parseFaults(text), { code: "invalid-argument", message: said }));
}

test("a list is checked, too", () => {
  assert.throws(() => faultsOf([{ name: "slice", bytes: 0 }]), { code: "invalid-argument" });
  assert.throws(() => faultsOf([{ name: "cut", bytes: 1 }, { name: "cut", bytes: 2 }]), { message: /twice/ });
});
