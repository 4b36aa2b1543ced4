/** Unix sockets and TLS mismatches, at the command line. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { authority, server as certificate } from "../support/certificates.ts";

const skip = process.platform === "win32" ? "this system has no Unix sockets" : false;

async function client(input: string, ...args: string[]) {
  const running = new Running("client", ["--yes", "--log-to", "none", "--quiet", ...args]);
  running.child.stdin!.end(input);
  return { status: await running.ended, stdout: running.stdout.toString(), stderr: running.stderr };
}

test(
  "--unix: server and client talk, a second server is refused, the socket is removed at the end",
  { skip },
  async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("echo.sock");
    const start = () => new Running("server", ["--yes", "--unix", path, "--log-file", folder.file("server.log")]);
    const server = start();
    await server.until(() => server.stdout.toString() === `listening on unix:${path}\n`, "listening line");
    const { status, stdout } = await client("hello", "--unix", path);
    assert.deepEqual([status, stdout], [0, "hello"]);
    const second = start();
    assert.equal(await second.ended, 7);
    assert.match(second.stderr, /Cannot listen on unix:.*: another socket listens there\n$/);
    assert.equal(await server.stop(), 0);
    assert.equal(existsSync(path), false);
    const none = await client("hello", "--unix", path);
    assert.equal(none.status, 3);
    assert.match(none.stderr, /Cannot connect to unix:.*: no socket is there/);
    assert.equal((await client("hello", "--unix", path, "--port", "9")).status, 2);
  },
);

test("TLS on one side only: status 3, and the flag that is missing or too much", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("cert.pem"), certificate.cert);
  await writeFile(folder.file("key.pem"), certificate.key, { mode: 0o600 });
  await writeFile(folder.file("ca.pem"), authority);
  const tls = ["--tls-cert", folder.file("cert.pem"), "--tls-key", folder.file("key.pem")];
  await using secured = await startServerCommand(folder.path, tls);
  for (const framing of ["message", "raw"]) {
    const { status, stderr } = await client("hello", "--port", String(secured.at), "--framing", framing);
    assert.equal(status, 3);
    assert.match(stderr, /: it speaks TLS; expected --tls\n$/);
  }
  const ca = ["--tls-ca", folder.file("ca.pem")];
  const good = await client("hello", "--host", "localhost", "-4", "--port", String(secured.at), ...ca);
  assert.deepEqual([good.status, good.stdout], [0, "hello"]);
  await using plain = await startServerCommand(folder.path);
  const { status, stderr } = await client("hello", "--port", String(plain.at), ...ca);
  assert.equal(status, 3);
  assert.match(stderr, /: it does not speak TLS; leave out --tls\n$/);
});
