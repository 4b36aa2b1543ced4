/** Scheduling of reads: no read waits while few peers are busy, and no peer is left out while many are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, echo, listen, pipe, pipeline, raw } from "echopipe";
import { ReadScheduler } from "../../src/runtime/deno/read_scheduler.ts";
import { within } from "../support/deadline.ts";

/** An event loop that the test drives: the speed of the machine changes nothing. */
class DrivenLoop {
  #steps: (() => void)[] = [];
  #timers: (() => void)[] = [];
  readonly scheduler = new ReadScheduler({
    step: (callback) => void this.#steps.push(callback),
    later: (callback) => void this.#timers.push(callback),
  });

  /** Runs so many steps. */
  step(count = 1): void {
    for (; count > 0; count--) for (const callback of this.#steps.splice(0)) callback();
  }

  /** Has the timers fire. */
  later(): void {
    for (const callback of this.#timers.splice(0)) callback();
  }

  /** Completes so many reads in one turn. */
  async complete(count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.scheduler.done();
    await Promise.resolve();
  }

  /** Queues so many reads; they note their numbers when they begin. */
  queue(count: number): number[] {
    const begun: number[] = [];
    for (let i = 0; i < count; i++) this.scheduler.wait(() => begun.push(i));
    return begun;
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

test("few reads in a turn: nobody waits", async () => {
  const loop = new DrivenLoop();
  for (let turn = 0; turn < 10; turn++) {
    await loop.complete(99);
    assert.equal(loop.scheduler.crowded, false);
  }
});

test("a full turn: further reads wait, and begin in the order they came, some at a time", async () => {
  const loop = new DrivenLoop();
  await loop.complete(100);
  assert.equal(loop.scheduler.crowded, true);
  const begun = loop.queue(100);
  loop.step(122);
  assert.deepEqual(begun, [], "the loop has not polled the system yet");
  loop.step();
  assert.deepEqual(begun, numbers(60));
  await loop.complete(1);
  loop.step();
  assert.deepEqual(begun, numbers(100));
  assert.equal(loop.scheduler.crowded, false);
});

test("one full turn after the other: queued reads wait for the peers that were not served yet", async () => {
  const loop = new DrivenLoop();
  await loop.complete(100);
  const begun = loop.queue(1);
  for (let turn = 0; turn < 100; turn++) {
    await loop.complete(128);
    loop.step(100);
    assert.deepEqual(begun, [], `after ${turn} turns`);
  }
  loop.step(123);
  assert.deepEqual(begun, [0]);
});

test("a queue that no completed read advances: all begin", async () => {
  const loop = new DrivenLoop();
  await loop.complete(100);
  const begun = loop.queue(3000);
  loop.step(123);
  assert.deepEqual(begun, numbers(60));
  loop.later();
  assert.deepEqual(begun, numbers(3000));
  assert.equal(loop.scheduler.crowded, false);
});

test("a read that waits where no turn was full begins all the same", () => {
  const loop = new DrivenLoop();
  const begun = loop.queue(1);
  assert.deepEqual(begun, []);
  loop.later();
  assert.deepEqual(begun, [0]);
  assert.equal(loop.scheduler.crowded, false);
});

test("a queue that advances is left alone by the timer", async () => {
  const loop = new DrivenLoop();
  await loop.complete(100);
  const begun = loop.queue(200);
  loop.step(123);
  await loop.complete(60);
  loop.later();
  assert.deepEqual(begun, numbers(60));
  loop.step();
  assert.deepEqual(begun, numbers(120));
});

test("many in the queue, and reads all the time: the queue comes to its end, in order", async () => {
  const loop = new DrivenLoop();
  await loop.complete(100);
  const begun = loop.queue(5000);
  for (let turn = 0; turn < 2000 && loop.scheduler.crowded; turn++) {
    await loop.complete(60);
    loop.step();
  }
  assert.deepEqual(begun, numbers(5000));
  assert.equal(loop.scheduler.crowded, false);
});

test("300 peers that are busy all the time: none is left out", { timeout: 60_000 }, async () => {
  let accepted = 0;
  await using listener = await listen({}, (peer) => {
    accepted++;
    const { decoder, encoder } = raw();
    return pipe(peer, pipeline(decoder, echo(), encoder), peer);
  });
  const message = new Uint8Array(64);
  const echoes: number[] = Array(300).fill(0);
  let all = 0;
  const connections = await Promise.all(echoes.map(() => connect({ port: listener.address.port })));
  await within(() => accepted === connections.length, "every connection is accepted");
  await Promise.all(connections.map(async (connection, i) => {
    while (all < 100 * echoes.length) {
      await connection.write(message);
      for (let got = 0; got < message.length;) got += (await connection.read())?.length ?? NaN;
      echoes[i]++;
      all++;
    }
  }));
  for (const connection of connections) connection.abort();
  await Promise.all(connections.map((connection) => connection.closed));
  // Some are left without any where the loop serves those first that became ready last.
  assert.ok(Math.min(...echoes) >= 10, `the least served peer had ${Math.min(...echoes)} of 100 echoes`);
});
