import assert from "node:assert/strict";
import { test } from "node:test";
import { EchopipeError } from "../../src/errors.ts";
import { firstFree } from "../../src/transport/first_free.ts";

const address = "127.0.0.1";

/** Opens ports as if these were in use, and notes what was tried and reported. */
function opener(inUse: (port: number) => boolean, code: "address-in-use" | "permission" = "address-in-use") {
  const tried: number[] = [];
  const taken: number[] = [];
  const open = (port: number) => {
    tried.push(port);
    if (inUse(port)) return Promise.reject(new EchopipeError(code, `Cannot listen on ${address}:${port}`));
    return Promise.resolve(port);
  };
  return { tried, taken, open, options: { strict: false, taken: (port: number) => void taken.push(port) } };
}

test("a port that is free is taken", async () => {
  const { open, options, taken } = opener(() => false);
  assert.equal(await firstFree({ address, port: 9090 }, open, options), 9090);
  assert.deepEqual(taken, []);
});

test("ports in use are reported, and the next free one is taken", async () => {
  const { open, options, taken } = opener((port) => port < 9093);
  assert.equal(await firstFree({ address, port: 9090 }, open, options), 9093);
  assert.deepEqual(taken, [9090, 9091, 9092]);
});

test("a hundred ports above are tried, then it says so, with the last failure as its cause", async () => {
  const { open, options, tried } = opener(() => true);
  await assert.rejects(firstFree({ address, port: 9090 }, open, options), (error) => {
    assert.ok(error instanceof EchopipeError && error.cause instanceof EchopipeError);
    assert.equal(error.code, "address-in-use");
    assert.match(error.message, /the ports 9090 to 9190 are all in use$/);
    return true;
  });
  assert.equal(tried.length, 101);
});

test("ports end at 65535", async () => {
  const { open, options, tried } = opener(() => true);
  await assert.rejects(firstFree({ address, port: 65534 }, open, options), /65534 to 65535/);
  assert.deepEqual(tried, [65534, 65535]);
});

test("strict: a port in use is an error", async () => {
  const { open, options, tried, taken } = opener(() => true);
  await assert.rejects(firstFree({ address, port: 9090 }, open, { ...options, strict: true }), {
    code: "address-in-use",
  });
  assert.deepEqual([tried, taken], [[9090], []]);
});

test("another failure is not a reason to move on", async () => {
  const { open, options, tried } = opener(() => true, "permission");
  await assert.rejects(firstFree({ address, port: 90 }, open, options), { code: "permission" });
  assert.deepEqual(tried, [90]);
});

test("any free port was asked for, and none is there: one attempt", async () => {
  const { open, options, tried } = opener(() => true);
  await assert.rejects(firstFree({ address, port: 0 }, open, options), { code: "address-in-use" });
  assert.deepEqual(tried, [0]);
});
