import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TrafficLog } from "../../src/server/traffic_log.ts";
import type { Connection } from "../../src/transport/connection.ts";
import { within } from "../support/deadline.ts";

test("sums of one connection are a second apart, whenever its first record was, and none is lost", async () => {
  const records: { event: string; bytes: number; at: number }[] = [];
  const log = new TrafficLog({
    record: (_level, event, _message, fields) =>
      records.push({ event, bytes: Number(fields!.bytes), at: performance.now() }),
  });
  const traffic = { received: 0, sent: 0 };
  const connection = {
    traffic,
    watch: undefined as (() => void) | undefined,
  };
  const chunks = { decoder: { chunks: 0 }, encoder: { chunks: 0 } };
  const ended = log.follow({ id: 1, peer: "192.0.2.1:9", connection: connection as unknown as Connection, chunks });
  await sleep(700);
  const pass = () => {
    traffic.received += 10;
    traffic.sent += 10;
    connection.watch?.();
  };
  pass();
  assert.deepEqual(records.map(({ event, bytes }) => [event, bytes]), [["data.received", 10], ["data.sent", 10]]);
  for (let i = 0; i < 90; i++) {
    await sleep(15);
    pass();
  }
  const before = records.length;
  ended();
  for (const event of ["data.received", "data.sent"]) {
    const times = records.slice(0, before).filter((record) => record.event === event).map(({ at }) => at);
    assert.ok(times.length >= 2);
    times.slice(1).forEach((at, i) => assert.ok(at - times[i] >= 999, `${at - times[i]} ms apart`));
    const sum = records.filter((record) => record.event === event).reduce((total, { bytes }) => total + bytes, 0);
    assert.equal(sum, 910);
  }
});

test("what is not echoed is told of too; the first echo at once, and what was received meanwhile in its turn", async () => {
  const records: [string, number][] = [];
  const log = new TrafficLog({
    record: (_level, event, _message, fields) => records.push([event, Number(fields!.bytes)]),
  });
  const traffic = { received: 0, sent: 0 };
  const connection = { traffic, watch: undefined as (() => void) | undefined };
  const chunks = { decoder: { chunks: 0 }, encoder: { chunks: 0 } };
  const ended = log.follow({ id: 1, peer: "192.0.2.1:9", connection: connection as unknown as Connection, chunks });
  const pass = (direction: "received" | "sent", bytes: number) => {
    traffic[direction] += bytes;
    connection.watch?.();
  };
  pass("received", 3);
  await within(() => records.length > 0, "the first record");
  assert.deepEqual(records, [["data.received", 3]]);
  pass("received", 4);
  pass("sent", 7);
  assert.deepEqual(records.slice(1), [["data.sent", 7]]);
  ended();
  assert.deepEqual(records.slice(2), [["data.received", 4]]);
  assert.equal(connection.watch, undefined);
});
