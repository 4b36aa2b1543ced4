/** Turns of reading: nobody waits while few are busy, and nobody is left out while many are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, echo, listen, pipe, pipeline, raw } from "echopipe";
import { ReadScheduler } from "../../src/runtime/deno/read_scheduler.ts";

/** A step of the event loop. */
const step = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Has so many reads be done in one turn. */
async function done(turns: ReadScheduler, count: number): Promise<void> {
  for (let i = 0; i < count; i++) turns.done();
  await Promise.resolve();
}

test("few reads in a turn: nobody waits", async () => {
  const turns = new ReadScheduler();
  for (let turn = 0; turn < 10; turn++) {
    await done(turns, 99);
    assert.equal(turns.crowded, false);
  }
});

test("a full turn: who comes next waits, and they begin in the order they came, some at a time", async () => {
  const turns = new ReadScheduler();
  await done(turns, 100);
  assert.equal(turns.crowded, true);
  const begun: number[] = [];
  for (let i = 0; i < 100; i++) turns.wait(() => begun.push(i));
  assert.deepEqual(begun, []);
  while (begun.length === 0) await step();
  assert.deepEqual(begun, Array.from({ length: 60 }, (_, i) => i));
  await done(turns, 1);
  await step();
  assert.deepEqual(begun, Array.from({ length: 100 }, (_, i) => i));
  assert.equal(turns.crowded, false);
});

test("one full turn after the other: those in line wait for those who were not served yet", async () => {
  const turns = new ReadScheduler();
  await done(turns, 100);
  let begun = false;
  turns.wait(() => begun = true);
  for (let turn = 0; turn < 100; turn++) {
    await done(turns, 128);
    for (let i = 0; i < 10; i++) await step();
    assert.equal(begun, false, `after ${turn} turns`);
  }
  while (turns.crowded) await step();
  assert.equal(begun, true);
});

test("a line that no read moves: all begin", async () => {
  const turns = new ReadScheduler();
  await done(turns, 100);
  const begun: number[] = [];
  for (let i = 0; i < 3000; i++) turns.wait(() => begun.push(i));
  while (begun.length < 3000) await new Promise((resume) => setTimeout(resume, 1));
  assert.deepEqual(begun, Array.from({ length: 3000 }, (_, i) => i));
  assert.equal(turns.crowded, false);
});

test("who waits where no turn was full, or after it, begins all the same", async () => {
  const turns = new ReadScheduler();
  await new Promise<void>((resolve) => turns.wait(resolve));
  await done(turns, 100);
  await step();
  await new Promise<void>((resolve) => turns.wait(resolve));
  assert.equal(turns.crowded, false);
});

test("many in line, and reads all the time: the line moves on and comes to its end", async () => {
  const turns = new ReadScheduler();
  await done(turns, 100);
  let waiting = 0;
  let begun = 0;
  for (; waiting < 5000; waiting++) turns.wait(() => begun++);
  while (turns.crowded) {
    await done(turns, 60);
    await step();
  }
  assert.equal(begun, waiting);
});

test("300 peers that are busy all the time are served alike", async () => {
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
  while (accepted < connections.length) await step();
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
  assert.ok(Math.min(...echoes) >= 50, `the least served peer had ${Math.min(...echoes)} of 100 echoes`);
});
