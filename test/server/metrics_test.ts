/** Figures and health of a server, over HTTP. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { type EchopipeError, MemoryUserStore } from "echopipe";
import { type ServerOptions, startServer } from "echopipe/server";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { exchange, open, received } from "../support/sockets.ts";

/** A server with metrics, and the address of these. */
async function started(options: ServerOptions = {}) {
  const log = new KeptLog();
  const server = await startServer({ port: 0, metrics: { port: 0 }, ...options }, log);
  const [address] = log.values("metrics.listening", "address");
  return { log, server, at: `http://${address}` };
}

/** The value of one series; undefined: there is none. */
async function figure(at: string, series: string): Promise<number | undefined> {
  const response = await fetch(`${at}/metrics`);
  assert.equal(response.status, 200);
  const line = (await response.text()).split("\n").find((line) => line.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

describe("--metrics", () => {
  test("counts connections, bytes and chunks; what has ended is counted whole", async () => {
    const { server, at, log } = await started({ framing: "raw" });
    await using _server = server;
    const { port } = server.address;
    await exchange(port, Buffer.alloc(100_000));
    await exchange(port, "hello");
    const still = await open(port);
    still.write("x");
    await once(still, "data");
    await within(() => log.of("client.disconnected").length === 2, "two have left");
    assert.equal(await figure(at, "echopipe_connections"), 1);
    assert.equal(await figure(at, "echopipe_connections_total"), 3);
    assert.ok((await figure(at, "echopipe_received_bytes_total"))! >= 100_005);
    assert.ok((await figure(at, "echopipe_sent_bytes_total"))! >= 100_005);
    assert.ok((await figure(at, "echopipe_received_chunks_total"))! >= 98 + 1);
    assert.ok((await figure(at, "echopipe_sent_chunks_total"))! >= 98 + 1);
    still.destroy();
    await within(() => log.of("client.disconnected").length === 3, "three have left");
    assert.equal(await figure(at, "echopipe_received_bytes_total"), 100_006);
    assert.equal(await figure(at, "echopipe_sent_bytes_total"), 100_006);
  });

  test("sums those of all workers", async () => {
    const { server, at, log } = await started({ framing: "raw", workers: 2 });
    await using _server = server;
    await Promise.all(Array.from({ length: 20 }, () => exchange(server.address.port, Buffer.alloc(1000))));
    await within(() => log.of("client.disconnected").length === 20, "all have left");
    assert.equal(new Set(log.values("client.connected", "worker")).size, 2);
    assert.equal(await figure(at, "echopipe_connections_total"), 20);
    assert.equal(await figure(at, "echopipe_received_bytes_total"), 20_000);
  });

  test("tells refusals by their reason, of summed records too", async () => {
    const { server, at } = await started({ maxConnections: 1, deny: ["::1"], host: "127.0.0.1" });
    await using _server = server;
    const first = await open(server.address.port);
    first.write("hello\n");
    await once(first, "data");
    for (let i = 0; i < 30; i++) await exchange(server.address.port, "x").catch(() => {});
    let refused: number | undefined;
    await within(
      () => (void figure(at, 'echopipe_refused_total{reason="address-limit"}').then((n) => refused = n),
        refused === 30),
      "30",
    );
    first.destroy();
    assert.ok((await figure(at, 'echopipe_troubles_total{event="client.refused"}'))! === 30);
  });

  test("tells logins by their result", async () => {
    const { server, at } = await started({ access: "identify", users: new MemoryUserStore(), framing: "line" });
    await using _server = server;
    const socket = await open(server.address.port);
    const back = received(socket);
    socket.end("Ada\nhello\n");
    await back;
    assert.equal(await figure(at, 'echopipe_logins_total{result="registered"}'), 1);
  });

  test("tells memory and the delay of the event loop", async () => {
    const { server, at } = await started();
    await using _server = server;
    let samples: number | undefined;
    await within(
      () => (void figure(at, "echopipe_event_loop_delay_seconds_count").then((n) => samples = n), samples! > 0),
      "one",
    );
    assert.ok((await figure(at, "process_resident_memory_bytes"))! > 10_000_000);
    assert.ok((await figure(at, "process_heap_bytes"))! > 1_000_000);
    const since = (await figure(at, "process_start_time_seconds"))!;
    assert.ok(Math.abs(Date.now() / 1000 - since) < 3600);
  });

  test("/healthz is ok while the server serves, and 503 while it drains", async () => {
    const { server, at } = await started();
    const client = await open(server.address.port);
    client.write("hello\n");
    await once(client, "data");
    assert.equal(await fetch(`${at}/healthz`).then((response) => response.text()), "ok\n");
    client.on("error", () => {}).resume();
    const sending = setInterval(() => client.write("hello\n"), 5); // it drains as long as it sends
    const draining = server.drain(3000);
    const response = await fetch(`${at}/healthz`);
    assert.equal(response.status, 503);
    assert.equal(await response.text(), "starting or draining\n");
    assert.equal(await figure(at, "echopipe_connections"), 1);
    clearInterval(sending);
    client.end();
    await draining;
    await assert.rejects(fetch(`${at}/healthz`)); // nothing listens any more
  });

  test("only GET and HEAD, only two pages", async () => {
    const { server, at } = await started();
    await using _server = server;
    const status = async (path: string, method: string) => {
      const response = await fetch(`${at}${path}`, { method });
      return [response.status, (await response.text()).length > 0];
    };
    assert.deepEqual(await status("/metrics", "HEAD"), [200, false]);
    assert.deepEqual(await status("/healthz?x=1", "GET"), [200, true]);
    assert.deepEqual(await status("/metrics", "POST"), [405, true]);
    assert.deepEqual(await status("/metrics", "DELETE"), [405, true]);
    assert.deepEqual(await status("/", "GET"), [404, true]);
    assert.deepEqual(await status("/metrics/x", "GET"), [404, true]);
  });

  test("requests that are none, that are too large or stand still harm nothing", async () => {
    const { server, at } = await started();
    await using _server = server;
    const port = Number(new URL(at).port);
    for (const garbage of ["\0\xff\n\n", `GET / HTTP/1.1\r\na: ${"x".repeat(10_000)}\r\n\r\n`, "GET\r\n\r\n"]) {
      const answer = String(await exchange(port, garbage).catch(() => "reset"));
      assert.match(answer, /^(HTTP\/1\.1 4|reset|$)/);
    }
    const slow = await open(port);
    const back = received(slow).catch(() => Buffer.from("reset"));
    slow.write("GET /metrics HT");
    let ended = false;
    void back.then(() => ended = true);
    await within(() => ended, "a request that stands still is ended", 20_000);
    slow.destroy();
    assert.equal(await fetch(`${at}/healthz`).then((response) => response.text()), "ok\n");
  });

  test("a port in use is an error, and nothing is left of the server", async () => {
    const { server, at } = await started();
    await using _server = server;
    const port = Number(new URL(at).port);
    await assert.rejects(startServer({ port: 0, metrics: { port } }), (error: EchopipeError) => {
      assert.equal(error.code, "address-in-use");
      assert.match(error.message, /^Cannot serve metrics on 127\.0\.0\.1:\d+: /);
      return true;
    });
    await assert.rejects(startServer({ port: 0, metrics: { port: 65536 } }), { code: "invalid-argument" });
  });
});
