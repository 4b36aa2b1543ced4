/** The log under a flood: one address is summed, the others are not, and no sum is wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressLogs } from "../../src/server/address_log.ts";
import { KeptLog } from "../support/kept_log.ts";

const count = (log: KeptLog, event: string) =>
  log.of(event).reduce((sum, { fields }) => sum + Number(fields.count ?? 1), 0);

test("10-22: a flood of one address leaves a few records, whose sums are right", () => {
  const log = new KeptLog();
  const logs = new AddressLogs(log);
  const connections = 50_000;
  for (let i = 0; i < connections; i++) {
    const one = logs.of("192.0.2.1");
    one.record("info", "client.connected", `Client ${i} connected`, { connection: i });
    one.record("info", "data.received", `Received 7 bytes`, { bytes: 7, chunks: 2 });
    one.record("info", "client.disconnected", `Client ${i} disconnected`, { received_bytes: 7, sent_bytes: 3 });
    if (i % 100 === 0) logs.of("192.0.2.2").record("info", "client.connected", "Client other connected");
  }
  logs.flush();
  const other = log.records.filter(({ message }) => message === "Client other connected");
  assert.equal(other.length, connections / 100);
  assert.ok(log.records.length < 12_000, `${log.records.length} records`);
  assert.equal(count(log, "client.connected"), connections + other.length);
  assert.equal(count(log, "client.disconnected"), connections);
  assert.equal(log.sum("data.received", "bytes"), 7 * connections);
  assert.equal(log.sum("data.received", "chunks"), 2 * connections);
  assert.equal(log.sum("client.disconnected", "received_bytes"), 7 * connections);
  assert.equal(log.sum("client.disconnected", "sent_bytes"), 3 * connections);
  const last = log.of("client.disconnected").at(-1)!;
  assert.match(
    last.message,
    /^\d+ more of client\.disconnected from 192\.0\.2\.1, the last: Client 49999 disconnected$/,
  );
  assert.equal(last.fields.address, "192.0.2.1");
});

test("10-22: refusals of one address are summed after twenty; its other records are written as they are", () => {
  const log = new KeptLog();
  const logs = new AddressLogs(log);
  for (let i = 1; i <= 1000; i++) {
    logs.of(`2001:db8::${i % 100}`).record("warn", "client.refused", "closed at once", { refused: i });
    logs.of(`2001:db8::1`).record("info", "client.connected", "connected");
  }
  logs.flush();
  assert.equal(log.of("client.refused").length, 21);
  assert.equal(count(log, "client.refused"), 1000);
  assert.equal(log.of("client.refused").at(-1)!.fields.refused, 1000);
  assert.equal(log.of("client.connected").length, 1000);
  assert.equal(log.of("client.refused").at(-1)!.level, "warn");
});

test("10-22: addresses without number are remembered in bounded memory, and none of their records is lost", () => {
  const log = new KeptLog();
  const logs = new AddressLogs(log);
  for (let i = 0; i < 5000; i++) {
    const one = logs.of(`10.0.${i >> 8}.${i & 255}`);
    for (let times = 0; times < 22; times++) one.record("warn", "client.refused", "closed at once");
  }
  logs.flush();
  assert.equal(count(log, "client.refused"), 5000 * 22);
});
