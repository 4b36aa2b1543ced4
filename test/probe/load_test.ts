import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../src/probe/load.ts";
import type { Interval, LoadOptions } from "../../src/probe/load_contract.ts";
import { startServer } from "../../src/server/server.ts";
import { closing, corrupting, echo, stalling, tcpServer, udpServer } from "./support/servers.ts";

const usual = {
  peers: 3,
  inFlight: 1,
  sizes: { min: 64, max: 64 },
  durationMs: 200,
  omitMs: 0,
  rampMs: 0,
  intervalMs: 50,
  oneWay: false,
  timeoutMs: 5000,
};

function loaded(target: { host: string; port: number }, options: Partial<LoadOptions> = {}) {
  return load({ ...usual, ...target, ...options });
}

for (const framing of ["message", "line", "raw"] as const) {
  test(`our own server, ${framing}: a range of sizes, several in flight, nothing wrong`, async () => {
    await using server = await startServer({ port: 0, framing });
    const target = { host: "127.0.0.1", port: server.address.port };
    const result = await loaded(target, { framing, inFlight: 8, sizes: { min: 1, max: 5000 } });
    assert.deepEqual([result.mismatched, result.errors, result.connected], [0, 0, 3]);
    assert.ok(result.messages > 0 && result.bytes > result.messages);
    assert.deepEqual([result.latency.count, result.connect.count], [result.messages, 3]);
    assert.equal(result.firstByte.count, 3);
  });
}

test("messages that are larger than a write", async () => {
  await using server = await tcpServer(echo);
  const size = 3_000_000;
  const result = await loaded(server.target, { framing: "raw", inFlight: 2, sizes: { min: size, max: size } });
  assert.deepEqual([result.mismatched, result.errors], [0, 0]);
  assert.equal(result.bytes, result.messages * size);
});

test("an open loop sends all that is due, and no more", async () => {
  await using server = await tcpServer(echo);
  const result = await loaded(server.target, { rate: 500, durationMs: 400, inFlight: 64 });
  assert.ok(Math.abs(result.messages - 200) <= 2, `${result.messages} messages`);
});

test("coordinated omission: a stall of 300 ms counts against all messages that were due in it", async () => {
  await using server = await tcpServer(stalling(200, 300));
  const options = { peers: 1, durationMs: 800 };
  const closed = await loaded(server.target, options);
  const open = await loaded(server.target, { ...options, rate: 250, inFlight: 4 });
  const ms = (us: number | null) => us! / 1000;
  // Of 200 messages 75 were due in the stall, and 50 of them had to wait for 100 ms and more: a quarter of all.
  assert.ok(ms(open.latency.percentile(85)) > 100, `open loop: p85 is ${ms(open.latency.percentile(85))} ms`);
  assert.ok(ms(closed.latency.percentile(85)) < 100, `closed loop: p85 is ${ms(closed.latency.percentile(85))} ms`);
  assert.ok(ms(closed.latency.percentile(100)) > 250, "in the closed loop it is one message of many");
  assert.ok(open.messages >= 198);
});

test("a server that stalls for good: what was due and is not answered is an error", async () => {
  await using server = await tcpServer(stalling(100, 1e6));
  const result = await loaded(server.target, { peers: 1, rate: 200, inFlight: 2, durationMs: 300, timeoutMs: 300 });
  assert.ok(result.errors >= 20, `${result.errors} errors`);
  assert.ok(Math.abs(result.messages + result.errors - 60) <= 1, "all that were due");
  assert.deepEqual([...result.failures.keys()], ["A message was not answered"]);
});

test("each wrong byte damages one message", async () => {
  await using server = await tcpServer(corrupting(1000));
  const result = await loaded(server.target, { framing: "raw", inFlight: 16 });
  assert.deepEqual([result.mismatched, result.errors], [3, 0]);
});

test("bytes that reach the wrong peer differ", async () => {
  const sockets: import("node:net").Socket[] = [];
  await using server = await tcpServer((socket, number) => {
    sockets.push(socket);
    socket.on("data", (bytes) => sockets[number ^ 1]?.write(bytes));
  });
  const result = await loaded(server.target, { peers: 2, timeoutMs: 300, framing: "raw" });
  assert.ok(result.mismatched + result.errors > 0);
});

test("a server that ends connections: each is an error, and what was in flight", async () => {
  await using server = await tcpServer(closing(68 * 10));
  const result = await loaded(server.target, { durationMs: 5000 });
  assert.ok(result.errors >= 3);
  assert.ok(result.seconds < 4, "it ends where no peer is left");
});

test("no peer connects: the error of connecting", async () => {
  let port;
  {
    await using server = await tcpServer(echo);
    port = server.port;
  }
  await assert.rejects(loaded({ host: "127.0.0.1", port }), { code: "connection-refused" });
});

test("one way: what the system has accepted counts, and answers do not", async () => {
  let taken = 0;
  await using server = await tcpServer((socket) => socket.on("data", (bytes) => void (taken += bytes.length)));
  const result = await loaded(server.target, { oneWay: true, inFlight: 16, sizes: { min: 1000, max: 1000 } });
  assert.deepEqual([result.errors, result.mismatched, result.firstByte.count], [0, 0, 0]);
  assert.ok(result.bytes > 0 && taken >= result.bytes - result.bytes % 1004);
});

test("intervals: those of the ramp and of what is left out do not count", async () => {
  await using server = await tcpServer(echo);
  const intervals: Interval[] = [];
  const result = await loaded(server.target, {
    rampMs: 100,
    omitMs: 100,
    onInterval: (interval) => void intervals.push(interval),
  });
  assert.ok(intervals.some(({ measured }) => !measured));
  const sum = intervals.filter(({ measured }) => measured).reduce((total, { messages }) => total + messages, 0);
  assert.equal(sum, result.messages);
  assert.deepEqual(result.timeline.reduce((total, { bytes }) => total + bytes, 0), result.bytes);
});

test("a signal ends it at once, with what was measured so far", async () => {
  await using server = await tcpServer(echo);
  const stop = new AbortController();
  const result = await loaded(server.target, {
    durationMs: 60_000,
    signal: stop.signal,
    onInterval: () => stop.abort(),
  });
  assert.ok(result.seconds < 30 && result.messages > 0);
  assert.equal(result.errors, 0);
});

test("UDP: lost datagrams are errors, and do not hold up the others", async () => {
  await using server = await udpServer((bytes, n) => n % 10 === 9 ? [] : [bytes]);
  const result = await loaded(server.target, { udp: true, inFlight: 8, timeoutMs: 100, sizes: { min: 8, max: 500 } });
  assert.ok(result.messages > 0 && result.errors > 0);
  assert.equal(result.mismatched, 0);
});
