/** The services over UDP: answers, the loops that they must not join, and limits. */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { openDatagrams } from "echopipe";
import { type ServerOptions, startServer } from "echopipe/server";
import { serveDatagrams } from "../../src/server/udp/datagram_service.ts";
import { unanswerable } from "../../src/server/udp/sources.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { exchange } from "../support/sockets.ts";

/** A client whose datagrams are kept. */
async function client(address = "127.0.0.1", port = 0): Promise<{ socket: Socket; heard: Buffer[] } & AsyncDisposable> {
  const socket = createSocket("udp4");
  const heard: Buffer[] = [];
  socket.on("message", (bytes) => heard.push(bytes));
  socket.bind(port, address);
  await once(socket, "listening");
  const dispose = () => new Promise<void>((resume) => socket.close(() => resume()));
  return { socket, heard, [Symbol.asyncDispose]: dispose };
}

const udp = (options: ServerOptions, log = new KeptLog()) => startServer({ port: 0, udp: true, ...options }, log);

test("echo, over TCP and UDP on one port, of datagrams of every size", async () => {
  await using server = await udp({ service: "echo" });
  await using one = await client();
  const sizes = [0, 1, 1472, 9000, 65_507];
  for (const [i, size] of sizes.entries()) {
    one.socket.send(Buffer.alloc(size, i), server.address.port, "127.0.0.1");
    await within(() => one.heard.length === i + 1, `an answer of ${size} bytes`);
  }
  assert.deepEqual(one.heard, sizes.map((size, i) => Buffer.alloc(size, i)));
  assert.equal(String(await exchange(server.address.port, "hello\n")), "hello\n");
  assert.equal(server.datagrams!.sent.datagrams, sizes.length);
});

test("discard says nothing; chargen and daytime never more than was sent", async () => {
  for (const service of ["discard", "chargen", "daytime"] as const) {
    await using server = await udp({ service });
    await using one = await client();
    const sizes = [0, 1, 20, 600];
    for (const size of sizes) one.socket.send(Buffer.alloc(size), server.address.port, "127.0.0.1");
    await within(() => server.datagrams!.received.datagrams === sizes.length, "all datagrams");
    if (service === "discard") {
      assert.deepEqual(server.datagrams!.sent.datagrams, 0);
      continue;
    }
    await within(() => one.heard.length === sizes.length, "answers");
    one.heard.sort((a, b) => a.length - b.length); // datagrams may overtake each other
    const lengths = one.heard.map(({ length }) => length);
    assert.deepEqual(lengths.slice(0, 3), [0, 1, 20]);
    assert.ok(service === "chargen" ? lengths[3] === 512 : /day, .*-UTC\r\n$/.test(String(one.heard[3])));
  }
});

test("nobody is answered who may be a service: no loop begins (CVE-2024-2169)", () => {
  const own = 9090;
  for (const port of [0, 7, 13, 17, 19, 37, 53, 69, 123, 161, 1023, 1900, 5353, 11211]) {
    assert.match(String(unanswerable({ address: "192.0.2.1", port }, own)), /port of a service/);
  }
  assert.match(String(unanswerable({ address: "192.0.2.1", port: own }, own)), /number of this one/);
  for (const address of ["0.0.0.0", "224.0.0.1", "255.255.255.255", "ff02::1", "::", "::ffff:224.0.0.1"]) {
    assert.match(String(unanswerable({ address, port: 40_000 }, own)), /not one host/);
  }
  for (const address of ["127.0.0.1", "192.0.2.1", "::1", "fe80::1%eth0", "::ffff:192.0.2.1"]) {
    assert.equal(unanswerable({ address, port: 40_000 }, own), undefined);
  }
});

test("a datagram from the same port number of another address is dropped, counted and logged", async () => {
  const log = new KeptLog();
  {
    await using server = await udp({}, log);
    await using twin = await client("127.0.0.2", server.address.port);
    await using one = await client();
    for (let i = 0; i < 5; i++) twin.socket.send("x", server.address.port, "127.0.0.1");
    await within(() => server.datagrams!.dropped.datagrams === 5, "drops");
    one.socket.send("y", server.address.port, "127.0.0.1");
    await within(() => one.heard.length === 1, "the answer to another");
    assert.deepEqual(twin.heard, []);
  }
  assert.equal(log.sum("udp.dropped", "datagrams"), 5);
  assert.ok(log.of("udp.dropped").length <= 2, "summed");
  assert.equal(log.sum("udp.sent", "bytes"), 1);
});

test("an address has a rate, and what is beyond it is not answered", async () => {
  await using a = await udp({ udp: { perSecond: 20 } });
  await using port = await openDatagrams();
  const writer = port.writable.getWriter();
  for (let i = 0; i < 100; i++) {
    await writer.write({ bytes: Uint8Array.of(i), peer: { address: "127.0.0.1", port: a.address.port } });
  }
  await within(() => a.datagrams!.received.datagrams + a.datagrams!.dropped.datagrams === 100, "100 datagrams");
  assert.ok(a.datagrams!.dropped.datagrams >= 70, `${a.datagrams!.dropped.datagrams} dropped`);
});

test("a port that is free for TCP alone is not taken: the next is tried, or it is an error", async () => {
  await using taken = await openDatagrams();
  const { port } = taken.address;
  await using server = await udp({ port, strictPort: false });
  assert.notEqual(server.address.port, port);
  await using one = await client();
  one.socket.send("hello", server.address.port, "127.0.0.1");
  await within(() => one.heard.length === 1, "an answer");
  await assert.rejects(udp({ port }), { code: "address-in-use" });
});

test("a stop frees the port, and a service that begins again there has it", async () => {
  const log = new KeptLog();
  const at = { address: "127.0.0.1", port: 0 };
  const first = await serveDatagrams(at, "echo", { perSecond: 1000 }, log);
  await first.close();
  const again = await serveDatagrams(at, "echo", { perSecond: 1000 }, log);
  await again.close();
});

test("with workers the main thread answers datagrams", async () => {
  await using server = await udp({ workers: 2 });
  await using one = await client();
  one.socket.send("hello", server.address.port, "127.0.0.1");
  await within(() => one.heard.length === 1, "an answer");
});

test("what does not go with datagrams is refused", async () => {
  const wrong: ServerOptions[] = [
    { access: "identify" },
    { faults: "slice=3" },
    { tls: { cert: "", key: "" } },
    { udp: { perSecond: 0 } },
  ];
  for (const options of wrong) await assert.rejects(udp(options), { code: "invalid-argument" });
});
