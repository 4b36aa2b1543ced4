import assert from "node:assert/strict";
import { test } from "node:test";
import { DatagramWindow } from "../../src/probe/datagram_window.ts";
import type { Interval } from "../../src/probe/load_contract.ts";
import { Pacing } from "../../src/probe/pacing.ts";
import { Timeline } from "../../src/probe/timeline.ts";

test("pacing: no more in flight than the window; a message that must wait is timed from when it was due", () => {
  const pacing = new Pacing(2, 10);
  for (let i = 0; i < 4; i++) pacing.allow(100 + 10 * i);
  assert.equal(pacing.ready, 2);
  pacing.send(2, 100);
  assert.deepEqual([pacing.ready, pacing.unanswered, pacing.due], [0, 4, 100]);
  pacing.answered += 2;
  pacing.send(pacing.ready, 999);
  assert.deepEqual([pacing.due, pacing.unanswered], [120, 2]);
});

test("pacing: without a schedule a message is due when it is sent", () => {
  const pacing = new Pacing(1, NaN);
  pacing.allowAll();
  pacing.send(1, 5);
  assert.equal(pacing.due, 5);
  pacing.stop();
  pacing.answered++;
  assert.deepEqual([pacing.ready, pacing.unanswered], [0, 0]);
});

test("datagrams: answered once, then doubles; unknown numbers; what is lost stays lost", () => {
  const window = new DatagramWindow(10, 1);
  window.allowAll();
  for (let i = 0; i < 3; i++) window.send(i);
  assert.equal(window.arrive(1), "answered");
  assert.equal(window.arrive(1), "duplicated");
  assert.equal(window.arrive(3), "stray");
  assert.deepEqual(window.expire(1), [0]);
  assert.equal(window.arrive(0), "old");
  assert.deepEqual(window.expire(10), [2]);
  window.stop();
  assert.deepEqual([window.unanswered, window.ready], [0, 0]);
});

test("datagrams: out of order as RFC 4737 defines it", () => {
  const window = new DatagramWindow(10, 1);
  assert.deepEqual([0, 2, 1, 3].map((message) => window.isReordered(message)), [false, false, true, false]);
});

test("datagrams: none is sent into the place of one that is pending; memory does not grow", () => {
  const window = new DatagramWindow(4, 1);
  window.allowAll();
  window.send(0);
  for (let i = 0; window.ready > 0 && i < 5000; i++) window.arrive(window.send(1));
  assert.equal(window.sent, 1024);
  window.expire(1);
  assert.ok(window.ready > 0);
});

test("a time line joins neighbours where there are too many, and loses nothing", () => {
  const timeline = new Timeline();
  const interval = (i: number): Interval => ({
    from: i,
    to: i + 1,
    measured: true,
    messages: 1,
    bytes: 2,
    mismatched: 0,
    errors: 1,
    p50: i,
    p99: i,
    max: i,
  });
  for (let i = 0; i < 5000; i++) timeline.add(interval(i));
  const all = timeline.all();
  assert.ok(all.length <= 1024);
  assert.equal(all.reduce((sum, { messages }) => sum + messages, 0), 5000);
  assert.deepEqual([all[0].from, all.at(-1)!.to, all.at(-1)!.max], [0, 5000, 4999]);
  assert.ok(all.every(({ from }, i) => i === 0 || from === all[i - 1].to));
});
