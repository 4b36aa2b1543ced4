/** TLS: its options, and going on over it in the middle of a connection. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type Connection, listen } from "echopipe";
import { textOf } from "../support/cuts.ts";
import { authority, client, clientAuthority, other, server } from "../support/certificates.ts";

const isDeno = "Deno" in globalThis;
const needsNode = isDeno ? "Deno has no call for it" : false;
const bytes = (text: string) => new TextEncoder().encode(text);
const echoing = (peer: Connection) => peer.readable.pipeTo(peer.writable);
const onError = () => {};

async function said(connection: Connection, text: string): Promise<string> {
  await connection.write(bytes(text));
  await connection.endWrite();
  return await new Response(connection.readable).text();
}

test("servername: the certificate is checked against it rather than the host", async () => {
  await using listener = await listen({ tls: other, onError }, echoing);
  const { port } = listener.address;
  await using connection = await connect({ port, tls: { ca: authority, servername: "other.example" } });
  assert.equal(await said(connection, "hello"), "hello");
  await assert.rejects(connect({ port, tls: { ca: authority } }), { code: "tls", message: /for another name/ });
});

test("alpn: both ends agree on the server's favourite", async () => {
  await using listener = await listen({ tls: { ...server, alpn: ["b", "a"] }, onError }, echoing);
  const { port } = listener.address;
  await using connection = await connect({ port, tls: { ca: authority, alpn: ["a", "b"] } });
  assert.match(connection.tls!.alpn!, /^[ab]$/);
  await using none = await connect({ port, tls: { ca: authority } });
  assert.equal(none.tls!.alpn, undefined);
});

test("the peer's certificate, on Node", { skip: needsNode }, async () => {
  await using listener = await listen({ tls: server, onError }, echoing);
  await using connection = await connect({ port: listener.address.port, tls: { ca: authority } });
  assert.equal(connection.tls!.peerCertificate?.trim(), server.cert.trim());
});

test("client certificates, on Node: required, checked, and told", { skip: needsNode }, async () => {
  const errors: unknown[] = [];
  const seen: (string | undefined)[] = [];
  const tls = { ...server, clientCa: clientAuthority };
  await using listener = await listen({ tls, onError: (error) => errors.push(error) }, (peer) => {
    seen.push(peer.tls!.peerCertificate);
    return echoing(peer);
  });
  const { port } = listener.address;
  await using connection = await connect({ port, tls: { ca: authority, ...client } });
  assert.equal(await said(connection, "hello"), "hello");
  assert.equal(seen[0]?.trim(), client.cert.trim());
  // The refusal arrives after the client's handshake (TLS 1.3).
  for (const wrong of [{}, other]) {
    await assert.rejects(async () => {
      await using refused = await connect({ port, tls: { ca: authority, ...wrong } });
      await refused.read();
    }, { code: /^(tls|reset)$/ });
  }
  assert.equal(seen.length, 1);
  assert.deepEqual(errors.map((error) => (error as { code: string }).code), ["tls", "tls"]);
});

test("client certificates on Deno: said before anything is opened", { skip: isDeno ? false : "on Deno" }, async () => {
  await assert.rejects(listen({ tls: { ...server, clientCa: authority } }, echoing), { code: "invalid-argument" });
});

test("startTls in the middle, at both ends", { skip: needsNode }, async () => {
  await using listener = await listen({ onError }, async (peer) => {
    assert.equal(textOf((await peer.read())!), "STARTTLS\n");
    await peer.write(bytes("go\n"));
    await peer.startTls({ ...server, isServer: true });
    await peer.readable.pipeTo(peer.writable);
  });
  await using connection = await connect({ port: listener.address.port });
  await connection.write(bytes("STARTTLS\n"));
  assert.equal(textOf((await connection.read())!), "go\n");
  await connection.startTls({ ca: authority });
  assert.ok(connection.tls);
  const large = "x".repeat(1_000_000);
  assert.equal(await said(connection, large), large);
});

test("startTls as the client, after words in plain", async () => {
  const node = await import("node:net");
  const tls = await import("node:tls");
  const plain = node.createServer((socket) => {
    socket.once("data", () => {
      socket.write("go\n", () => {
        const secured = new tls.TLSSocket(socket, { isServer: true, ...server });
        secured.on("error", () => {});
        secured.pipe(secured);
      });
    });
  });
  await new Promise<void>((resume) => plain.listen(0, "127.0.0.1", resume));
  const { port } = plain.address() as { port: number };
  await using connection = await connect({ port });
  await connection.write(bytes("STARTTLS\n"));
  assert.equal(textOf((await connection.read())!), "go\n");
  await connection.startTls({ ca: authority, servername: "localhost" });
  await connection.write(bytes("secret"));
  assert.equal(textOf((await connection.read())!), "secret");
  connection.abort();
  await new Promise((resume) => plain.close(resume));
});

test("startTls: not while a read is pending, nor with bytes that came before it", async () => {
  await using listener = await listen({ onError }, echoing);
  const { port } = listener.address;
  await using reading = await connect({ port });
  const read = reading.read();
  await assert.rejects(reading.startTls({}), { code: "in-use" });
  reading.abort();
  await assert.rejects(read, { code: "closed" });
  await using early = await connect({ port });
  early.unread(bytes("injected"));
  await assert.rejects(early.startTls({}), { code: "protocol", message: /bytes came before it/ });
  assert.ok(early.isClosed);
});

test("startTls as the server on Deno says what is missing", { skip: isDeno ? false : "on Deno" }, async () => {
  await using listener = await listen({ onError }, echoing);
  await using connection = await connect({ port: listener.address.port });
  const wrong = { code: "invalid-argument", message: /Cannot start TLS as the server on Deno/ };
  await assert.rejects(connection.startTls({ ...server, isServer: true }), wrong);
});
