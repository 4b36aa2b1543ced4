/** A server behind a proxy that speaks the PROXY protocol. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { describe, test } from "node:test";
import tls from "node:tls";
import { type Connection, serve } from "echopipe";
import { startServer } from "echopipe/server";
import { authority, server as certificate } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { v2Header, v2Tcp4 } from "../support/proxy_headers.ts";
import { exchange, open, received } from "../support/sockets.ts";
import { temporaryFolder } from "../support/commands.ts";

const isDeno = "Deno" in globalThis;
const line = "PROXY TCP4 192.0.2.7 192.0.2.1 4711 9090\r\n";

/** What comes back of bytes after a header; a reset counts as nothing. */
async function answer(port: number, header: Uint8Array | string, text = "hello\n"): Promise<string> {
  const bytes = Buffer.concat([Buffer.from(header as string), Buffer.from(text)]);
  return String(await exchange(port, bytes).catch(() => ""));
}

/** Resolves when the server has ended the connection, in whichever way. */
async function ended(socket: net.Socket): Promise<void> {
  socket.on("error", () => {}).resume();
  let over = false;
  socket.on("end", () => over = true).on("close", () => over = true);
  await within(() => over, "the server ends the connection");
  socket.destroy();
}

describe("a server with proxyProtocol", () => {
  test("takes the client's address for the log, in both versions; what follows the header is echoed", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, proxyProtocol: true }, log);
    const { port } = server.address;
    assert.equal(await answer(port, line), "hello\n");
    assert.equal(await answer(port, v2Tcp4(Buffer.from([4, 0, 2, 1, 2]))), "hello\n");
    assert.equal(await answer(port, v2Tcp4(), ""), "");
    assert.deepEqual(log.values("client.connected", "peer"), Array(3).fill("192.0.2.7:4711"));
    await within(() => log.of("client.disconnected").length === 3, "three have left");
    // The header is none of the client's bytes.
    assert.deepEqual(log.values("client.disconnected", "received_bytes"), [6, 6, 0]);
    assert.equal(log.of("accept.failed").length, 0);
  });

  test("a header byte by byte, and a megabyte behind it", async () => {
    await using server = await startServer({ port: 0, proxyProtocol: true, framing: "raw" });
    const socket = await open(server.address.port);
    socket.setNoDelay(true);
    const back = received(socket);
    for (const byte of v2Tcp4()) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resume) => setImmediate(resume));
    }
    const bytes = Buffer.alloc(1_000_000, "0123456789");
    socket.end(bytes);
    assert.ok(bytes.equals(await back));
    assert.ok(bytes.equals(await exchange(server.address.port, Buffer.concat([Buffer.from(line), bytes]))));
  });

  test("LOCAL and UNKNOWN are served under the proxy's own address", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, proxyProtocol: true }, log);
    const { port } = server.address;
    assert.equal(await answer(port, "PROXY UNKNOWN\r\n"), "hello\n");
    assert.equal(await answer(port, v2Header(0x20, 0, Buffer.alloc(0))), "hello\n");
    for (const peer of log.values("client.connected", "peer")) assert.match(String(peer), /^127\.0\.0\.1:\d+$/);
  });

  test("a connection without a header is closed and logged, and nothing is echoed", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, proxyProtocol: true }, log);
    const { port } = server.address;
    assert.equal(await answer(port, ""), "");
    assert.equal(await answer(port, "GET / HTTP/1.1\r\n\r\n", ""), "");
    assert.equal(await answer(port, line.slice(0, 20), ""), "");
    assert.equal(await answer(port, "", ""), "");
    assert.equal(await answer(port, v2Header(0x21, 0x11, Buffer.alloc(5000))), "");
    await within(() => log.of("accept.failed").length === 5, "five records");
    assert.deepEqual(log.values("accept.failed", "code"), [
      "protocol",
      "protocol",
      "truncated",
      "truncated",
      "too-large",
    ]);
    assert.match(
      log.of("accept.failed")[0].message,
      /^Cannot accept a connection from 127\.0\.0\.1:\d+: Cannot read a PROXY protocol header: byte 0x68 at position 0; expected version 1 or 2$/,
    );
    assert.equal(log.of("client.connected").length, 0);
    assert.equal(server.connections, 0);
  });

  test("a header that does not come in time ends the connection", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, proxyProtocol: true, headerTimeout: 1 }, log);
    const socket = await open(server.address.port);
    socket.write("PROXY ");
    await ended(socket);
    assert.deepEqual(log.values("accept.failed", "code"), ["timed-out"]);
  });

  test("connections without a header yet are limited, and others are served when they have gone", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, proxyProtocol: true, maxConnections: 2 }, log);
    const { port } = server.address;
    const silent = [await open(port), await open(port)];
    for (const socket of silent) socket.on("error", () => {});
    await within(() => log.of("server.listening").length === 1, "listening");
    let refused = "hello\n";
    // The two may not be accepted yet.
    await within(() => refused === "" || (void answer(port, line).then((text) => refused = text), false), "refused");
    assert.ok(log.values("accept.failed", "code").includes("busy"));
    for (const socket of silent) socket.destroy();
    await within(() => log.values("accept.failed", "code").filter((code) => code !== "busy").length === 2, "gone");
    assert.equal(await answer(port, line), "hello\n");
  });

  test("allow, deny and the limit for one address are about the client", async () => {
    const log = new KeptLog();
    await using server = await startServer(
      { port: 0, proxyProtocol: true, deny: ["127.0.0.0/8", "192.0.2.8"], maxConnectionsPerAddress: 1 },
      log,
    );
    const { port } = server.address;
    const first = await open(port);
    first.write(line + "hi\n");
    await once(first, "data");
    assert.equal(await answer(port, line), "");
    assert.equal(await answer(port, line.replace("192.0.2.7", "192.0.2.8")), "");
    assert.equal(await answer(port, line.replace("192.0.2.7", "192.0.2.9")), "hello\n");
    assert.equal(await answer(port, "PROXY UNKNOWN\r\n"), "");
    first.destroy();
    const peers = log.values("client.refused", "peer");
    assert.deepEqual(peers.slice(0, 2), ["192.0.2.7:4711", "192.0.2.8:4711"]);
    assert.match(String(peers[2]), /^127\.0\.0\.1:/);
  });

  test("10-1: stop is not taken from loopback, whatever address the header has", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, proxyProtocol: true, allowStop: "loopback" }, log);
    for (
      const header of ["PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", "PROXY TCP6 ::1 ::1 1 2\r\n", "PROXY UNKNOWN\r\n"]
    ) {
      assert.match(await answer(server.address.port, header, "stop\n"), /^stop refused: .* proxy/);
    }
    assert.equal(log.of("stop.refused").length, 3);
    assert.equal(await answer(server.address.port, line), "hello\n");
  });

  test("with several workers", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, proxyProtocol: true, workers: 2 }, log);
    const answers = await Promise.all(Array.from({ length: 20 }, () => answer(server.address.port, line)));
    assert.deepEqual(answers, Array(20).fill("hello\n"));
    await within(() => log.of("client.connected").length === 20, "20 records");
    assert.deepEqual(new Set(log.values("client.connected", "peer")), new Set(["192.0.2.7:4711"]));
  });

  test("over a Unix socket", async () => {
    await using folder = await temporaryFolder();
    const log = new KeptLog();
    const path = folder.file("echo");
    await using _server = await startServer({ path, proxyProtocol: true }, log);
    const socket = net.connect({ path, allowHalfOpen: true });
    const back = received(socket);
    socket.end(line + "hello\n");
    assert.equal(String(await back), "hello\n");
    assert.deepEqual(log.values("client.connected", "peer"), ["192.0.2.7:4711"]);
  });

  test("serve() gives the handler the client's address; a stop ends connections that have no header yet", async () => {
    const peers: unknown[] = [];
    const server = await serve({ proxyProtocol: true }, (peer: Connection) => {
      peers.push(peer.remote);
      return peer.readable.pipeTo(peer.writable);
    });
    assert.equal(await answer(server.address.port, line), "hello\n");
    assert.deepEqual(peers, [{ address: "192.0.2.7", port: 4711 }]);
    const silent = await open(server.address.port);
    const closed = ended(silent);
    silent.write("PROXY");
    await new Promise((resume) => setTimeout(resume, 50));
    await server.stop();
    await closed;
  });

  test("datagrams do not go with it", async () => {
    await assert.rejects(startServer({ port: 0, proxyProtocol: true, udp: true }), {
      code: "invalid-argument",
      message: /^Cannot serve UDP with the PROXY protocol/,
    });
  });

  test("in front of TLS", { skip: isDeno && "Deno cannot start TLS on a connection that has begun" }, async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, proxyProtocol: true, tls: certificate, headerTimeout: 1 }, log);
    for (const together of [true, false]) {
      const tcp = await open(server.address.port);
      // Together: one packet has the header and the first bytes of TLS.
      if (together) tcp.cork();
      tcp.write(line);
      if (!together) await new Promise((resume) => setTimeout(resume, 50));
      const socket = tls.connect({ socket: tcp, ca: authority, servername: "localhost" });
      if (together) setTimeout(() => tcp.uncork(), 50);
      socket.write("hello\n");
      assert.equal(String((await once(socket, "data", { signal: AbortSignal.timeout(10_000) }))[0]), "hello\n");
      socket.destroy();
    }
    assert.deepEqual(log.values("client.connected", "peer"), Array(2).fill("192.0.2.7:4711"));
    assert.equal(await answer(server.address.port, line, "no TLS\n").then((text) => text.includes("TLS")), false);
    const silent = await open(server.address.port);
    silent.write(line);
    await ended(silent);
    assert.deepEqual(log.values("accept.failed", "code"), ["tls", "timed-out"]);
  });

  test("in front of TLS it is refused on Deno", { skip: !isDeno && "only Deno cannot" }, async () => {
    await assert.rejects(startServer({ port: 0, proxyProtocol: true, tls: certificate }), {
      code: "invalid-argument",
      message: /^Cannot use the PROXY protocol with TLS on Deno/,
    });
  });
});
