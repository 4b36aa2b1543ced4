import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { authority, expired, other, server as certificate } from "../support/certificates.ts";
import { messageBytes, open, received } from "../support/sockets.ts";

const secret = "a long walk home";
const other_secret = "another long walk";

/** A folder with a server's users, passwords in files, and a client to log in with. */
async function house(...serverArgs: string[]) {
  const folder = await temporaryFolder();
  const users = folder.file("users.json");
  await writeFile(folder.file("password"), `${secret}\n`, { mode: 0o600 });
  await writeFile(folder.file("other"), `${other_secret}\n`, { mode: 0o600 });
  const server = await startServerCommand(folder.path, [
    "--access",
    "password",
    "--users",
    users,
    "--admin",
    "anna",
    ...serverArgs,
  ]);
  return {
    folder,
    server,
    /** Runs the client with that input; its status, and what it wrote. */
    async client(input: string, ...args: string[]) {
      const running = new Running("client", [
        ...["--port", String(server.at), "--log-file", folder.file("client.log")],
        ...["--session-file", folder.file("sessions.json"), ...args],
      ]);
      running.child.stdin!.end(input);
      return { status: await running.ended, stdout: running.stdout.toString(), stderr: running.stderr };
    },
    /** Runs `users` on the server's file. */
    async users(...args: string[]) {
      const running = new Running("users", ["--users", users, ...args], { stdin: "ignore" });
      return { status: await running.ended, stdout: running.stdout.toString(), stderr: running.stderr };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("access by password", () => {
  test("one login, then files pass without a question; nothing secret is anywhere", async () => {
    await using at = await house();
    const login = ["--name", "anna", "--password-file", at.folder.file("password")];
    assert.equal((await at.client("one", ...login)).stdout, "one");
    const sessions = at.folder.file("sessions.json");
    assert.equal((await stat(sessions)).mode & 0o777, 0o600);
    const again = await at.client("two\nexit\n");
    assert.deepEqual([again.status, again.stdout], [0, "two\nexit\n"]);

    const { token } = Object.values(JSON.parse(await readFile(sessions, "utf8")).sessions)[0] as { token: string };
    const wrong = await at.client("x", "--no-session", "--name", "anna", "--password-file", at.folder.file("other"));
    assert.equal(wrong.status, 5);
    assert.match(wrong.stderr, /Wrong name or password/);
    assert.equal((await at.users("logout", "anna")).status, 0);
    const ended = await at.client("three");
    assert.deepEqual([ended.status, ended.stdout], [5, ""]);
    assert.match(ended.stderr, /asks for a name, and nobody can answer/);
    await at.server.stop();
    const written = await Promise.all(
      ["server.log", "client.log", "users.json"].map((name) => readFile(at.folder.file(name), "utf8")),
    );
    const all = [...written, wrong.stderr, ended.stderr, at.server.stderr].join("\n");
    for (const text of [secret, other_secret, token]) assert.ok(!all.includes(text));
    assert.match(all, /WARN access\.wrong /);
    assert.match(all, /INFO access\.registered .* as anna /);
  });

  test("a new password ends the sessions; stop is for admins", async () => {
    await using at = await house("--registration", "closed");
    for (const name of ["anna", "bert"]) {
      assert.equal((await at.users("add", name, "--password-file", at.folder.file("password"))).status, 0);
    }
    const session = (name: string) => ["--session-file", at.folder.file(`${name}.json`), "--name", name];
    const password = ["--password-file", at.folder.file("password")];
    for (const name of ["anna", "bert"]) {
      assert.equal((await at.client("x", ...session(name), ...password)).stdout, "x");
    }
    assert.equal((await at.client("x", ...session("carl"), ...password)).status, 5);

    assert.equal((await at.users("password", "bert", "--password-file", at.folder.file("other"))).status, 0);
    assert.equal((await at.client("x", ...session("bert"))).status, 5);
    const list = await at.users("list");
    assert.match(list.stdout, /^anna\t127\.0\.0\.1\tpassword\t1 sessions\nbert\t127\.0\.0\.1\tpassword\t0 sessions\n$/);

    const stop = async (token: string) => {
      const socket = await open(at.server.at);
      const back = received(socket);
      socket.write(messageBytes(JSON.stringify({ type: "hello", version: 1, token }), "control"));
      socket.end(messageBytes("stop"));
      return (await back).toString();
    };
    await at.client("x", ...session("bert"), "--password-file", at.folder.file("other"));
    const tokenOf = async (name: string) => {
      const { sessions } = JSON.parse(await readFile(at.folder.file(`${name}.json`), "utf8"));
      return (Object.values(sessions)[0] as { token: string }).token;
    };
    assert.match(await stop(await tokenOf("bert")), /"refused".*only those with --admin may stop it/);
    assert.match(await stop(await tokenOf("anna")), /"bye".*"stop"/);
    assert.equal(await at.server.ended, 0);
  });

  test("a person with nc logs in, and is echoed", async () => {
    await using at = await house();
    const socket = await open(at.server.at);
    const back = received(socket);
    await new Promise((resume) => socket.once("data", resume)); // the server speaks first
    socket.end(`anna\n${secret}\nhello\nexit\n`);
    assert.equal(
      (await back).toString(),
      "Your name?\nanna is new here. Choose a password, of 8 bytes or more:\nWelcome, anna\nhello\n",
    );
  });

  test("who does not log in is turned away", async () => {
    await using at = await house("--login-timeout", "1");
    const socket = await open(at.server.at);
    assert.equal((await received(socket)).toString(), "Your name?\nRefused: The login took too long\n");
    socket.destroy();
  });
});

test("access by name: asked once, then greeted", async () => {
  await using at = await house("--access", "identify");
  const visit = async (...lines: string[]) => {
    const socket = await open(at.server.at);
    const back = received(socket);
    socket.end(lines.join(""));
    return (await back).toString();
  };
  assert.equal(await visit("anna\n", "hi\n"), "Hello, what is your name?\nHello, anna\nhi\n");
  assert.equal(await visit("hi\n"), "Hello again, anna\nhi\n");
});

describe("TLS", () => {
  test("a login over TLS, from a client that knows the authority and from one that does not", async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("cert.pem"), certificate.cert);
    await writeFile(folder.file("key.pem"), certificate.key);
    await writeFile(folder.file("ca.pem"), authority);
    await using at = await house("--tls-cert", folder.file("cert.pem"), "--tls-key", folder.file("key.pem"));
    const login = ["--name", "anna", "--password-file", at.folder.file("password")];
    const good = await at.client("over TLS", "--tls", "--tls-ca", folder.file("ca.pem"), ...login);
    assert.deepEqual([good.status, good.stdout], [0, "over TLS"]);
    const bad = await at.client("x", "--tls", ...login);
    assert.equal(bad.status, 3);
    assert.match(bad.stderr, /nobody that is trusted has signed its certificate/);
    assert.match((await at.client("x", "--tls-ca", folder.file("none.pem"))).stderr, /there is no such file/);
  });
});

describe("the server does not start", () => {
  const refuses = (what: string, status: number, message: RegExp, files: Record<string, string>, ...args: string[]) =>
    test(what, async () => {
      await using folder = await temporaryFolder();
      for (const [name, text] of Object.entries(files)) await writeFile(folder.file(name), text);
      const running = new Running("server", [
        ...["--yes", "--port", "0", "--log-file", folder.file("server.log"), "--users", folder.file("users.json")],
        ...args.map((arg) => arg.replace(/^@/, `${folder.path}/`)),
      ]);
      assert.equal(await running.ended, status);
      assert.match(running.stderr, message);
      assert.equal(running.stdout.length, 0);
      for (const [name, text] of Object.entries(files)) assert.equal(await readFile(folder.file(name), "utf8"), text);
    });
  const tls = ["--tls-cert", "@cert.pem", "--tls-key", "@key.pem"];
  const files = (cert: string, key: string) => ({ "cert.pem": cert, "key.pem": key });

  refuses(
    "with a damaged users file",
    1,
    /users\.json": line 2 is not JSON/,
    { "users.json": "{\n!" },
    "--access",
    "password",
  );
  refuses("with passwords in the open", 2, /--insecure-plaintext/, {}, "--access", "password", "--host", "0.0.0.0");
  refuses("with a login over raw", 2, /framing "raw"/, {}, "--access", "identify", "--framing", "raw");
  refuses("with half of TLS", 2, /expected --tls-key/, {}, "--tls-cert", "@cert.pem");
  refuses("without its certificate", 2, /cert\.pem": there is no such file/, {}, ...tls);
  refuses("with another's key", 2, /not the one of the certificate/, files(certificate.cert, other.key), ...tls);
  refuses("with an expired certificate", 2, /expired on/, files(expired.cert, expired.key), ...tls);
});
