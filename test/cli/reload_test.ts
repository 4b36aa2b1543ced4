/** SIGHUP: a new certificate for new clients, and what cannot be used changes nothing. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import tls from "node:tls";
import { startServer } from "echopipe/server";
import { other, server as certificate } from "../support/certificates.ts";
import { startServerCommand, temporaryFolder } from "../support/commands.ts";

/** A TLS client's socket, with the subject of the certificate that it was shown. */
function shakeHands(port: number): Promise<{ socket: tls.TLSSocket; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    socket.once("error", reject);
    socket.once("secureConnect", () => resolve({ socket, fingerprint: socket.getPeerCertificate().fingerprint256 }));
  });
}

test("SIGHUP replaces the certificate; connections go on; one that cannot be served is refused", async () => {
  await using folder = await temporaryFolder();
  const [cert, key] = [folder.file("cert.pem"), folder.file("key.pem")];
  const store = async (pair: { cert: string; key: string }) => {
    await writeFile(cert, pair.cert);
    await writeFile(key, pair.key);
  };
  await store(certificate);
  await using server = await startServerCommand(folder.path, ["--tls-cert", cert, "--tls-key", key]);
  const first = await shakeHands(server.at);

  const log = async () => await readFile(folder.file("server.log"), "utf8");
  const logged = async (pattern: RegExp) => {
    for (let i = 0; i < 500 && !pattern.test(await log()); i++) await new Promise((resume) => setTimeout(resume, 20));
    assert.match(await log(), pattern);
  };
  await store({ cert: "nothing", key: "nothing" });
  server.kill("SIGHUP");
  await logged(/reload\.failed Cannot serve TLS/);
  const second = await shakeHands(server.at);
  assert.equal(second.fingerprint, first.fingerprint);

  await store(other);
  server.kill("SIGHUP");
  await logged(/server\.reloaded Server reloaded its certificate/);
  const third = await shakeHands(server.at);
  assert.notEqual(third.fingerprint, first.fingerprint);

  first.socket.write("still here\n");
  assert.equal(String(await new Promise((resolve) => first.socket.once("data", resolve))), "still here\n");
  for (const { socket } of [first, second, third]) socket.destroy();
  assert.equal(await server.stop(), 0);
});

test("a damaged file of users is told of at SIGHUP, and the server goes on", async () => {
  await using folder = await temporaryFolder();
  const users = folder.file("users.json");
  await using server = await startServerCommand(folder.path, ["--access", "identify", "--users", users]);
  await writeFile(users, "{");
  server.kill("SIGHUP");
  await server.until(() => server.stderr.includes("the server goes on as it was"), "message");
  assert.equal(server.child.exitCode, null);
});

test("workers keep their certificate; without TLS there is none to replace", async () => {
  await using plain = await startServer({ port: 0 });
  await plain.reload();
  await assert.rejects(plain.reload({ tls: certificate }), { code: "invalid-argument", message: /does not serve TLS/ });
  await using workers = await startServer({ port: 0, workers: 2, tls: certificate });
  await assert.rejects(workers.reload({ tls: other }), {
    code: "invalid-argument",
    message: /each worker keeps its own/,
  });
});
