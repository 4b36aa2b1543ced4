import assert from "node:assert/strict";
import { test } from "node:test";
import { ping, type PingAnswer, type PingOptions, type PingResult } from "../../src/probe/ping.ts";
import { startServer } from "../../src/server/server.ts";
import { closing, corrupting, echo, type OddServer, tcpServer, udpServer } from "./support/servers.ts";

async function pinged(
  { target }: OddServer,
  options: Partial<PingOptions> = {},
): Promise<PingResult & { answers: PingAnswer[] }> {
  const answers: PingAnswer[] = [];
  const onAnswer = (answer: PingAnswer) => void answers.push(answer);
  const result = await ping({ ...target, count: 5, intervalMs: 5, size: 56, onAnswer, ...options });
  return Object.assign(result, { answers });
}

for (const framing of ["message", "line", "raw"] as const) {
  test(`our own server, ${framing}: all come back right`, async () => {
    await using server = await startServer({ port: 0, framing });
    const result = await ping({
      host: "127.0.0.1",
      port: server.address.port,
      framing,
      timeoutMs: 5000,
      count: 20,
      intervalMs: 2,
      size: 3000,
    });
    assert.deepEqual([result.sent, result.received, result.mismatched, result.failure], [20, 20, 0, undefined]);
    assert.equal(result.rtt.count, 20);
  });
}

test("any echo server does, whatever the framing; large messages and small ones", async () => {
  await using server = await tcpServer(echo);
  for (const framing of ["message", "line", "raw"] as const) {
    for (const size of [1, 4, 1_000_000]) {
      const { received, mismatched } = await pinged(server, { framing, size });
      assert.deepEqual([received, mismatched], [5, 0], `${framing}, ${size}`);
    }
  }
});

test("a wrong byte is the fault of its message alone", async () => {
  await using server = await tcpServer(corrupting(60 * 2 + 10)); // in the third message, its header included
  const { received, mismatched, answers } = await pinged(server);
  assert.deepEqual([received, mismatched], [5, 1]);
  assert.deepEqual(answers.map(({ outcome }) => outcome).indexOf("mismatched"), 2);
});

test("a byte too much ends the measure", async () => {
  await using server = await tcpServer((socket) =>
    socket.on("data", (bytes) => socket.write(Buffer.concat([bytes, Buffer.of(1)])))
  );
  const { failure } = await pinged(server);
  assert.match((failure as Error).message, /^Cannot use the echo: 1 bytes more than were sent/);
});

test("a server that ends the connection: what was answered counts, the rest is lost", async () => {
  await using server = await tcpServer(closing(60 * 2));
  const { received, failure, sent } = await pinged(server, { count: 1000 });
  assert.equal(received, 2);
  assert.ok(sent < 1000);
  assert.match((failure as Error).message, /ended the connection|reset|closed/);
});

test("a server that never answers: all are lost after the timeout", async () => {
  await using server = await tcpServer((socket) => socket.resume());
  const { sent, received } = await pinged(server, { timeoutMs: 200 });
  assert.deepEqual([sent, received], [5, 0]);
});

test("a signal ends it, with what was measured so far", async () => {
  await using server = await tcpServer(echo);
  const stop = new AbortController();
  const { received } = await pinged(server, {
    count: Infinity,
    signal: stop.signal,
    onAnswer: ({ sequence }) => sequence === 3 && stop.abort(),
  });
  assert.ok(received >= 3);
});

test("UDP: lost, doubled, out of order, corrupted and stray datagrams are told apart", async () => {
  let held: Uint8Array | undefined;
  await using server = await udpServer((bytes, n) => {
    if (n === 1) return []; // lost
    if (n === 2) return [bytes, bytes]; // doubled
    if (n === 3) { // after the next one
      held = Uint8Array.from(bytes);
      return [];
    }
    if (n === 4) return [bytes, held!];
    if (n === 5) { // corrupted
      bytes[bytes.length - 1] ^= 1;
      return [bytes];
    }
    if (n === 6) return [bytes, new Uint8Array(3)]; // stray
    return [bytes];
  });
  const { answers, ...result } = await pinged(server, { udp: true, count: 8, timeoutMs: 500, intervalMs: 20 });
  const { sent, received, duplicated, reordered, mismatched } = result;
  assert.deepEqual([sent, received, duplicated, reordered, mismatched], [8, 7, 1, 1, 2]);
  const sequences = (outcome: string) =>
    answers.filter((one) => one.outcome === outcome).map(({ sequence }) => sequence);
  assert.deepEqual(sequences("lost"), [2]);
  assert.deepEqual(sequences("duplicated"), [3]);
  assert.deepEqual(sequences("reordered"), [4]);
  assert.deepEqual(sequences("mismatched"), [6]);
});

test("UDP: the largest datagram and the smallest", async () => {
  await using server = await udpServer((bytes) => [bytes]);
  for (const size of [8, 65_507]) {
    const { received, mismatched } = await pinged(server, { udp: true, size, count: 2 });
    assert.deepEqual([received, mismatched], [2, 0], `${size}`);
  }
});
