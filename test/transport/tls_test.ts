import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { connect, listen } from "../../src/transport/open.ts";
import type { Connection } from "../../src/transport/connection.ts";
import { systemError } from "../../src/runtime/system_error.ts";
import { MessageSocket } from "../../src/message_socket.ts";
import { checkCertificate } from "../../src/server/certificate.ts";
import { authority, expired, other, server } from "../support/certificates.ts";

/** An echo server over TLS, or without it; its peers' failures are expected here. */
function echoServer(tls?: { cert: string; key: string }) {
  return listen({ tls, onError: () => {} }, (peer) => peer.readable.pipeTo(peer.writable));
}

/** Sends, half-closes, and returns what comes back. */
async function exchange(connection: Connection, bytes: Uint8Array): Promise<Uint8Array> {
  const back = new Response(connection.readable).bytes();
  const writer = connection.writable.getWriter();
  await writer.write(bytes);
  await writer.close();
  return await back;
}

for (const host of ["127.0.0.1", "localhost"]) {
  test(`TLS to ${host}: 1 MB and a half-close, and all of it comes back`, async () => {
    await using listener = await echoServer(server);
    await using connection = await connect({ host, port: listener.address.port, tls: { ca: authority } });
    const bytes = new Uint8Array(1_000_000).map((_, i) => i * 31);
    assert.deepEqual(await exchange(connection, bytes), bytes);
  });
}

const untrusted: Record<string, [typeof server, string | undefined, RegExp]> = {
  "signed by nobody known": [server, undefined, /: nobody that is trusted has signed its certificate/],
  "for another name": [other, authority, /: its certificate is for another name$/],
  "expired": [expired, authority, /: its certificate has expired$/],
};
for (const [what, [certificate, ca, message]] of Object.entries(untrusted)) {
  test(`a certificate ${what} is not accepted, and said so`, async () => {
    await using listener = await echoServer(certificate);
    const { port } = listener.address;
    await assert.rejects(connect({ port, tls: { ca } }), { code: "tls", message });
    await assert.rejects(connect({ host: "localhost", port, tls: { ca } }), { code: "tls", message });
  });
}

test("a server that does not speak TLS is named as such", async () => {
  await using listener = await echoServer();
  await assert.rejects(connect({ port: listener.address.port, tls: { ca: authority } }), {
    code: "tls",
    message: /: it does not speak TLS$/,
  });
});

test("an authority that is no certificate is refused before anything is connected", async () => {
  await assert.rejects(connect({ port: 1, tls: { ca: "trust me" } }), { code: "invalid-argument" });
  await assert.rejects(MessageSocket.connect({ port: 1, tls: { ca: "trust me" } }), { code: "invalid-argument" });
});

test("an authority that only looks like a certificate fails as an error of ours, and leaves nothing open", async () => {
  await using listener = await echoServer();
  const ca = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  await assert.rejects(connect({ port: listener.address.port, tls: { ca } }), { name: "EchopipeError" });
});

test("a client that does not speak TLS ends its own connection and no other", async () => {
  const failures: { code?: string }[] = [];
  const failed = Promise.withResolvers<void>();
  await using listener = await listen({
    tls: server,
    onError: (error) => {
      failures.push(error as { code?: string });
      failed.resolve();
    },
  }, (peer) => peer.readable.pipeTo(peer.writable));
  const { port } = listener.address;
  await using good = await connect({ port, tls: { ca: authority } });
  const plain = net.connect(port, "127.0.0.1");
  plain.on("error", () => {});
  plain.write("GET / HTTP/1.1\r\n\r\n");
  await failed.promise;
  plain.destroy();
  assert.equal(failures[0].code, "tls");
  assert.equal(new TextDecoder().decode(await exchange(good, new TextEncoder().encode("hello"))), "hello");
});

test("a handshake that the server never answers is given up with the signal", async () => {
  const sockets: net.Socket[] = [];
  const mute = net.createServer((socket) => void sockets.push(socket.on("error", () => {}).resume()));
  await new Promise<void>((resume) => mute.listen(0, "127.0.0.1", resume));
  const { port } = mute.address() as net.AddressInfo;
  const limit = new AbortController();
  const attempt = connect({ port, tls: { ca: authority }, signal: limit.signal });
  setTimeout(() => limit.abort(new Error("long enough")), 50);
  await assert.rejects(attempt, { message: "long enough" });
  const timed = connect({ port, tls: { ca: authority }, timeout: 50 });
  await assert.rejects(timed, {
    code: "timed-out",
    message: `Cannot connect to 127.0.0.1:${port}: no answer in 50 ms`,
  });
  for (const socket of sockets) socket.destroy(); // Deno leaves its end open
  await new Promise((resume) => mute.close(resume));
});

const unusable: Record<string, [Parameters<typeof checkCertificate>, RegExp]> = {
  "no certificate": [[{ cert: "x", key: server.key }], /the certificate file has no certificate/],
  "no key": [[{ cert: server.cert, key: server.cert }], /the key file has no private key/],
  "another's key": [[{ cert: server.cert, key: other.key }], /the key is not the one of the certificate/],
  "expired": [[expired], /the certificate expired on/],
  "not valid yet": [[server, new Date("2019-01-01")], /the certificate is not valid before/],
};
for (const [what, [given, message]] of Object.entries(unusable)) {
  test(`a certificate to serve is looked at first: ${what}`, () => {
    assert.throws(() => checkCertificate(...given), { code: "invalid-argument", message });
  });
}

test("a peer that leaves without ending TLS has reset the connection, in the words of the runtime that tells it", () => {
  const cause = Object.assign(new Error("peer closed connection without sending TLS close_notify"), {
    name: "UnexpectedEof",
  });
  const { code, message } = systemError("Cannot receive from 192.0.2.1:9", cause);
  assert.equal(code, "reset");
  assert.equal(message, "Cannot receive from 192.0.2.1:9: the peer left without ending TLS");
});
