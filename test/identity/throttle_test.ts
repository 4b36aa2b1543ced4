import assert from "node:assert/strict";
import { test } from "node:test";
import { Throttle } from "../../src/identity/throttle.ts";

/** A throttle on a clock that is set by hand. */
function clocked(options = {}) {
  const clock = { now: 0 };
  return { clock, throttle: new Throttle({ now: () => clock.now, ...options }) };
}
const fail = (throttle: Throttle, times: number, account: string, address: string) => {
  for (let i = 0; i < times; i++) throttle.failed(account, address);
};

test("a few mistakes cost nothing", () => {
  const { throttle } = clocked();
  fail(throttle, 5, "anna", "192.0.2.1");
  assert.deepEqual(throttle.delay("anna", "192.0.2.1"), { wait: 0 });
});

test("an account's delay grows to its limit, and never turns anybody away", () => {
  const { throttle } = clocked();
  const waits = [];
  for (let i = 0; i < 12; i++) {
    throttle.failed("anna", `10.0.0.${i}`);
    waits.push(throttle.delay("Anna", "192.0.2.1").wait);
  }
  assert.deepEqual(waits, [0, 0, 0, 0, 0, 250, 500, 1000, 2000, 4000, 4000, 4000]);
  assert.deepEqual(throttle.delay("bert", "192.0.2.1"), { wait: 0 });
});

test("a stranger's guesses cost the owner nothing where the owner is known", () => {
  const { throttle } = clocked();
  fail(throttle, 1000, "anna", "198.51.100.1");
  assert.deepEqual(throttle.delay("anna", "192.0.2.1", true), { wait: 0 });
});

test("an address that guesses is turned away for longer and longer", () => {
  const { clock, throttle } = clocked();
  fail(throttle, 21, "anna", "192.0.2.1");
  assert.deepEqual(throttle.delay("bert", "192.0.2.1"), { wait: 0, retryAfter: 1 });
  clock.now += 1000;
  assert.equal(throttle.delay("bert", "192.0.2.1").retryAfter, undefined);
  fail(throttle, 4, "cleo", "192.0.2.1");
  assert.equal(throttle.delay("bert", "192.0.2.1").retryAfter, 16);
  fail(throttle, 100, "cleo", "192.0.2.1");
  assert.equal(throttle.delay("bert", "192.0.2.1").retryAfter, 60);
  assert.equal(throttle.delay("bert", "192.0.2.2").retryAfter, undefined);
});

test("mistakes are forgotten, one a minute", () => {
  const { clock, throttle } = clocked();
  fail(throttle, 7, "anna", "192.0.2.1");
  assert.equal(throttle.delay("anna", "192.0.2.1").wait, 500);
  clock.now += 60_000;
  assert.equal(throttle.delay("anna", "192.0.2.1").wait, 250);
  clock.now += 600_000;
  assert.equal(throttle.delay("anna", "192.0.2.1").wait, 0);
});

test("only so many are remembered: those that failed last", () => {
  const { throttle } = clocked({ remembered: 3, accountFree: 0 });
  for (const name of ["a", "b", "a", "c", "d"]) throttle.failed(name, "192.0.2.1");
  assert.deepEqual(["a", "b", "c", "d"].map((name) => throttle.delay(name, "192.0.2.2").wait > 0), [
    true,
    false,
    true,
    true,
  ]);
});
