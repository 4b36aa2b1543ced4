/** A server on several threads: one port, one log, one count of clients, one end. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import net from "node:net";
import { describe, test } from "node:test";
import { type Chunk, connect, echo, EchopipeError } from "echopipe";
import { type ServerOptions, startServer } from "echopipe/server";
import { Counters } from "../../src/server/counters.ts";
import { serverSettings } from "../../src/server/options.ts";
import { MAX_RECORDS, RecordCount } from "../../src/server/worker_log.ts";
import { OtherWorkers, type OtherWorkersOptions } from "../../src/server/workers.ts";
import { authority, server as certificate } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { exchange, open, received } from "../support/sockets.ts";

const pause = () => new Promise((resume) => setTimeout(resume, 10));

/** A client's socket that was answered, or undefined for one that was closed at once. */
async function served(port: number): Promise<net.Socket | undefined> {
  const socket = await open(port);
  socket.on("error", () => {});
  socket.write("hello\n");
  const answered = await new Promise((resolve) => {
    socket.once("data", () => resolve(true));
    socket.once("close", () => resolve(false));
    socket.once("end", () => resolve(false));
  });
  if (answered) return socket;
  socket.destroy();
}

describe("a server with several workers", () => {
  test("shares the clients among them, returns every byte, and keeps one log", async () => {
    const log = new KeptLog();
    const server = await startServer({ port: 0, framing: "raw", workers: 2 }, log);
    const clients = 40;
    await Promise.all(Array.from({ length: clients }, async () => {
      const bytes = randomBytes(50_000);
      assert.ok(bytes.equals(await exchange(server.address.port, bytes)));
    }));
    await server.stop();
    await server.stopped;
    assert.equal(server.failure, undefined);

    assert.deepEqual(log.of("server.started").map(({ fields }) => fields.workers), [2]);
    assert.equal(log.of("server.listening").length, 1);
    assert.deepEqual(log.values("server.stopped", "connections"), [clients]);
    assert.equal(log.records.at(-1)?.event, "server.stopped");
    const numbers = log.values("client.connected", "connection").map(Number).sort((a, b) => a - b);
    assert.deepEqual(numbers, Array.from({ length: clients }, (_, i) => i + 1));
    assert.deepEqual([...new Set(log.values("client.connected", "worker"))].sort(), [1, 2]);
    assert.equal(log.of("client.disconnected").length, clients);
    for (const event of ["data.received", "data.sent"]) assert.equal(log.sum(event, "bytes"), clients * 50_000);
  });

  test("limits the connections of all of them together", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, workers: 3, maxConnections: 7 }, log);
    const { port } = server.address;
    const sockets = await Promise.all(Array.from({ length: 20 }, () => served(port)));
    const survivors = sockets.filter((socket) => socket !== undefined);
    assert.equal(survivors.length, 7);
    assert.equal(server.connections, 7);
    for (const socket of survivors) socket.destroy();
    await within(() => server.connections === 0, "all are disconnected");
    assert.equal(String(await exchange(port, "room again\n")), "room again\n");
    await within(() => log.of("client.refused").length === 13, "13 records of refused clients");
    const refused = log.values("client.refused", "refused").map(Number).sort((a, b) => a - b);
    assert.deepEqual(refused, Array.from({ length: 13 }, (_, i) => i + 1));
  });

  test("stops when a client of any of them says so, after it has drained", async () => {
    for (const worker of [1, 2]) {
      const log = new KeptLog();
      const server = await startServer({ port: 0, workers: 2, allowStop: "loopback" }, log);
      const sockets: net.Socket[] = [];
      // The system chooses the worker: that both have a client takes a few tries, and would take 64 once in 2^63.
      while (new Set(log.values("client.connected", "worker")).size < 2) {
        assert.ok(sockets.length < 64, "all clients are at one worker");
        sockets.push((await served(server.address.port))!);
        await pause();
      }
      const records = log.of("client.connected");
      const ends = sockets.map(received);
      for (const socket of sockets) socket.on("end", () => socket.end());
      const { peer } = records.find(({ fields }) => fields.worker === worker)!.fields;
      const chosen = sockets.find(({ localPort }) => peer === `127.0.0.1:${localPort}`)!;
      for (const socket of sockets) if (socket !== chosen) socket.write("last words\n");
      await within(() => log.sum("data.received", "bytes") === sockets.length * 6, "all is received");
      chosen.write("stop\n");
      await server.stopped;
      for (const [i, end] of ends.entries()) {
        assert.equal(String(await end), sockets[i] === chosen ? "" : "last words\n");
        sockets[i].destroy();
      }
      assert.deepEqual(log.values("server.stopped", "reason"), [`stop from client ${peer}`]);
      assert.equal(log.of("client.disconnected").length, sockets.length);
      await assert.rejects(open(server.address.port), { code: "ECONNREFUSED" });
    }
  });

  test("ends silent connections in each", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, workers: 2, idleTimeout: 1 }, log);
    await Promise.all(Array.from({ length: 10 }, async () => {
      const socket = await open(server.address.port);
      assert.equal((await received(socket)).length, 0);
      socket.destroy();
    }));
  });

  test("serves TLS; a certificate that cannot be served is told of once", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, framing: "raw", workers: 2, tls: certificate }, log);
    await Promise.all(Array.from({ length: 12 }, async (_, i) => {
      await using client = await connect({ host: "localhost", port: server.address.port, tls: { ca: authority } });
      const writer = client.writable.getWriter();
      await writer.write(new TextEncoder().encode(`client ${i}`));
      await writer.close();
      assert.equal(await new Response(client.readable).text(), `client ${i}`);
    }));
    const wrong = { cert: certificate.cert, key: "none" };
    await assert.rejects(startServer({ port: 0, workers: 2, tls: wrong }), { code: "invalid-argument" });
  });

  test("never shares its port with another server", async () => {
    const log = new KeptLog();
    await using first = await startServer({ port: 0, workers: 2 });
    const { port } = first.address;
    await assert.rejects(startServer({ port, workers: 2 }), { code: "address-in-use" });
    await using second = await startServer({ port, workers: 2, strictPort: false }, log);
    assert.ok(second.address.port > port && second.address.port <= port + 100);
    assert.equal(log.of("port.in_use")[0].fields.port, port);
  });

  test("refuses what one thread has to keep", async () => {
    const wrong: [ServerOptions, RegExp][] = [
      [{ workers: 0 }, /workers "0": expected an integer from 1 to 64/],
      [{ workers: 65 }, /workers "65"/],
      [{ workers: 1.5 }, /workers "1.5"/],
      [{ workers: 2, service: () => echo<Chunk>() }, /another thread/],
      [{ workers: 2, access: "identify" }, /access "identify" with 2 workers: one thread keeps users/],
      [{ workers: 2, access: "password" }, /access "password" with 2 workers/],
    ];
    for (const [options, message] of wrong) {
      await assert.rejects(startServer({ port: 0, ...options }), { code: "invalid-argument", message });
    }
    assert.ok(serverSettings({ workers: "auto" }).workers >= 1);
  });
});

describe("the workers beside the first", () => {
  const odd = new URL("../support/odd_worker.ts", import.meta.url);
  const started = (options: Partial<OtherWorkersOptions>, server: ServerOptions = {}) => {
    const log = new KeptLog();
    const settings = serverSettings({ workers: 3, ...server });
    return { log, workers: new OtherWorkers({ settings, log, stopRequested() {}, failed() {}, ...options }) };
  };

  test("all start, or none", async () => {
    const taken = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resume) => taken.once("listening", resume));
    const { workers } = started({});
    await assert.rejects(workers.start((taken.address() as net.AddressInfo).port), (error) => {
      assert.ok(error instanceof EchopipeError);
      assert.equal(error.code, "address-in-use");
      return true;
    });
    taken.close();
  });

  test("one that ends by itself is told of, by name", async () => {
    const failed = Promise.withResolvers<EchopipeError>();
    const { log, workers } = started({ file: odd, stopLimit: 100, failed: failed.resolve }, { framing: "message" });
    await workers.start(9090);
    assert.match((await failed.promise).message, /^Worker [23] failed: it ended with status 3$/);
    await workers.stop();
    assert.equal(log.records[0].event, "worker.failed");
  });

  test("one that does not stop is ended", async () => {
    const { log, workers } = started({ file: odd, stopLimit: 100 });
    await workers.start(9090);
    await workers.stop();
    assert.deepEqual(log.values("worker.stuck", "worker"), [2, 3]);
  });
});

describe("counts across threads", () => {
  test("no more places than the limit, and numbers that come once", () => {
    const one = new Counters(new SharedArrayBuffer(Counters.BYTES));
    const other = new Counters(one.memory);
    assert.deepEqual([one.take(2), other.take(2), one.take(2), other.take(3)], [true, true, false, true]);
    assert.equal(other.open, 3);
    one.giveBack();
    assert.equal(other.open, 2);
    assert.deepEqual([one.next(), other.next(), one.next(), other.served], [1, 2, 3, 3]);
    assert.deepEqual([one.refuse(), other.refuse()], [1, 2]);
  });

  test("records on their way are bounded; the lost are counted, and told of when there is room", () => {
    const count = new RecordCount();
    const other = new RecordCount(count.memory);
    for (let i = 0; i < MAX_RECORDS; i++) assert.ok(count.send());
    assert.ok(!count.send() && !other.send());
    assert.equal(other.takeLost(), 0); // no room yet
    for (let i = 0; i < MAX_RECORDS; i++) other.arrived();
    assert.equal(count.takeLost(), 2);
    assert.equal(count.takeLost(), 0);
  });
});
