/** The minimal versions of the exercises, run as programs of their own on the runtime of the test. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { readdirSync, readFileSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import process from "node:process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { MessageSocket } from "../../src/mod.ts";
import { Program, temporaryFolder } from "../support/commands.ts";
import { exchange as exchangeBytes, open } from "../support/sockets.ts";

const folder = fileURLToPath(new URL("../../examples/exercises/", import.meta.url));

/** Runs an exercise, killed with the scope. */
function run(name: string, ...args: (string | number)[]): Program & AsyncDisposable {
  const words = "Deno" in globalThis
    ? ["run", "--quiet", "--no-prompt", "--allow-net", "--allow-read", "--allow-write", "--allow-sys", "--allow-env"]
    : [];
  const program = new Program([process.execPath, ...words, `${folder}${name}.ts`, ...args.map(String)]);
  return Object.assign(program, {
    async [Symbol.asyncDispose]() {
      program.child.kill("SIGKILL");
      await program.ended;
    },
  });
}

/** Sends text and the end; resolves with all that came back. */
async function exchange(port: number, text: string): Promise<string> {
  return (await exchangeBytes(port, text)).toString();
}

/** What a server says to each of these messages, until one is left over. */
async function dialogue(port: number, ...said: string[]): Promise<unknown[]> {
  await using socket = await MessageSocket.connect({ port });
  const heard: unknown[] = [await socket.receive()];
  for (const text of said) {
    await socket.send(text);
    heard.push(await socket.receive());
  }
  return heard;
}

describe("exercises, minimal", () => {
  test("01, echo: 1 MB comes back whole, and the next client is served after a reset", async () => {
    await using server = run("01-echo", 0);
    const port = await server.port();
    const rude = await open(port);
    rude.write("x".repeat(100_000));
    rude.resetAndDestroy();
    const text = "0123456789".repeat(100_000);
    assert.equal(await exchange(port, text), text);
  });

  test("02, service messages", { skip: process.platform === "win32" }, async () => {
    await using server = run("02-service-messages", 0);
    assert.equal(await exchange(await server.port(), "hello"), "hello");
    await server.until(() => /disconnected/.test(server.stdout.toString()), "record");
    assert.equal(await server.stop("SIGINT"), 0);
    assert.match(
      server.stdout.toString(),
      /^server started\nlistening on \S+\nclient \S+ connected\nreceived 5 bytes from \S+, and sends them back\nclient \S+ disconnected: end of stream; 5 bytes received, 5 bytes sent\nserver stopped\n$/,
    );
  });

  test("03, a client: lines out, lines back, and a word unasked", async () => {
    const server = createServer((peer) => peer.write("hello\n") && peer.pipe(peer)).listen(0, "127.0.0.1");
    await new Promise((resume) => server.once("listening", resume));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    await using client = run("03-client", address.port);
    client.child.stdin!.end("one\nzwei: ü\n");
    assert.equal(await client.ended, 0, client.stderr);
    assert.equal(client.stdout.toString(), "hello\none\nzwei: ü\n");
    server.close();
  });

  test("04, exit: what comes before it is echoed, what follows is not", async () => {
    await using server = run("04-exit", 0);
    assert.equal(await exchange(await server.port(), "exiting\nexit\nnot read\n"), "exiting\n");
  });

  test("05, stop: from a client, and typed", async () => {
    for (const typed of [false, true]) {
      await using server = run("05-stop", 0);
      const port = await server.port();
      if (typed) server.child.stdin!.write("stop\n");
      else assert.equal(await exchange(port, "last words\nstop\n"), "last words\n");
      assert.equal(await server.ended, 0, server.stderr);
      assert.match(server.stdout.toString(), /stopped\n$/);
    }
  });

  test("07, prompts: what is wrong is explained, and asked again; an empty answer is the default", async () => {
    await using server = run("07-prompts");
    server.child.stdin!.write("localhost\n\n70000\n0\n");
    const port = await server.port();
    assert.equal(await exchange(port, "hello"), "hello");
    const shown = server.stdout.toString();
    assert.match(shown, /^Address \(127\.0\.0\.1\): "localhost" is not right; expected an IP address\nAddress/);
    assert.match(
      shown,
      /Port \(9090\): "70000" is not right; expected a number from 0 to 65535\nPort \(9090\): listening/,
    );
  });

  test("08, a log file, whole at the end; what was there stays", async () => {
    await using temporary = await temporaryFolder();
    const file = temporary.file("server.log");
    await writeFile(file, "before\n");
    await using server = run("08-log-file", 0, file);
    assert.equal(await exchange(await server.port(), "hello"), "hello");
    assert.equal(await server.stop("SIGINT"), 0);
    const records = (await readFile(file, "utf8")).split("\n");
    assert.equal(records[0], "before");
    assert.match(records.at(-2)!, /^\S+Z INFO server\.stopped Server stopped: Ctrl-C$/);
    for (const event of ["server.listening", "client.connected", "data.received", "client.disconnected"]) {
      assert.ok(records.some((record) => record.includes(` INFO ${event} `)), event);
    }
  });

  test("09, the next free port", async () => {
    const first = createServer().listen(0, "127.0.0.1");
    await new Promise((resume) => first.once("listening", resume));
    const address = first.address();
    assert.ok(address !== null && typeof address === "object");
    await using server = run("09-free-port", address.port);
    const port = await server.port();
    assert.ok(port > address.port);
    assert.match(server.stdout.toString(), new RegExp(`^port ${address.port} is in use\n`));
    assert.equal(await exchange(port, "hello"), "hello");
    first.close();
  });

  test("10, other machines: it says at which addresses", async () => {
    await using server = run("10-other-machines", 0);
    const port = await server.port();
    assert.equal(await exchange(port, "over IPv4"), "over IPv4");
    await server.until(() => server.stdout.includes(`127.0.0.1:${port} for this machine only\n`), "address");
  });

  test("11, a file: identical, or said to be different", async () => {
    await using server = run("01-echo", 0);
    await using client = run("11-file", `${folder}11-file.ts`, await server.port());
    assert.equal(await client.ended, 0, client.stderr);
    assert.match(client.stdout.toString(), /^([0-9a-f]{64}) sent\n\1 received\nidentical\n$/);
    const wrong = createServer((peer) => peer.end("something else")).listen(0, "127.0.0.1");
    await new Promise((resume) => wrong.once("listening", resume));
    const address = wrong.address();
    assert.ok(address !== null && typeof address === "object");
    await using other = run("11-file", `${folder}11-file.ts`, address.port);
    assert.equal(await other.ended, 1);
    wrong.close();
  });

  test("12, a header: by hand, cut anywhere", async () => {
    await using server = run("12-header", 0);
    const port = await server.port();
    assert.deepEqual(
      await exchange(port, "\0\0\0\x02hi\0\0\0\x03\u{20ac}"),
      "\0\0\0\x13hi has 2 characters\0\0\0\x14\u{20ac} has 1 characters",
    );
  });

  test("13, a dialogue", async () => {
    await using program = run("13-dialogue");
    assert.equal(await program.ended, 0, program.stderr);
    assert.equal(
      program.stdout.toString(),
      "server: What is your name?\nclient: Ada\nserver: Where are you from, Ada?\nclient: London\n" +
        "server: I know London well\n",
    );
  });

  test("15, names: asked once, then greeted, after a restart, too", async () => {
    await using temporary = await temporaryFolder();
    const file = temporary.file("names.json");
    {
      await using server = run("15-names", 0, file);
      const port = await server.port();
      assert.deepEqual(await dialogue(port, "Anna", "hi"), ["Hello, what is your name?", "Hello, Anna", "hi"]);
    }
    await using server = run("15-names", 0, file);
    assert.deepEqual(await dialogue(await server.port(), "hi"), ["Hello again, Anna", "hi"]);
  });

  test("16, passwords: registered, let in, turned away; the file opens nothing", async () => {
    await using temporary = await temporaryFolder();
    const file = temporary.file("users.json");
    const secret = "a long walk home";
    await using server = run("16-passwords", 0, file);
    const port = await server.port();
    assert.deepEqual(await dialogue(port, "anna", "short"), [
      "Name?",
      "New here. Choose a password",
      "Too short; expected 8 characters or more",
    ]);
    assert.deepEqual((await dialogue(port, "anna", secret, "hi")).slice(2), ["Hello, anna", "hi"]);
    assert.deepEqual((await dialogue(port, "anna", secret, "hi")).slice(1), ["Password?", "Hello, anna", "hi"]);
    assert.deepEqual((await dialogue(port, "anna", "a long walk", "hi")).slice(2), [
      "Wrong name or password",
      undefined,
    ]);
    assert.match(await readFile(file, "utf8"), /"anna": "\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.equal((await stat(file)).mode & 0o077, 0);
  });

  test("17, tokens: one comes back by it, and by no other", async () => {
    await using server = run("17-tokens", 0);
    const port = await server.port();
    const [, given] = await dialogue(port, "login");
    const [, token] = /^Your token: (\S{43})$/.exec(String(given))!;
    assert.deepEqual((await dialogue(port, token, "hi")).slice(1), ["Welcome back", "hi"]);
    assert.deepEqual((await dialogue(port, `${token}x`, "hi")).slice(1), ["Unknown or expired token", undefined]);
  });

  test("18, a chat over UDP: all see what all say", async () => {
    await using server = run("18-chat", 0);
    const port = await server.port();
    await using anna = run("18-chat", port, "anna");
    await anna.until(() => anna.stdout.includes("anna joined\n"), "anna");
    await using boris = run("18-chat", port, "boris");
    await boris.until(() => boris.stdout.includes("boris joined\n"), "boris");
    anna.child.stdin!.write("hello\n");
    for (const member of [anna, boris]) await member.until(() => member.stdout.includes("anna: hello\n"), "hello");
    boris.child.stdin!.end("bye");
    assert.equal(await boris.ended, 0);
    await anna.until(() => anna.stdout.includes("boris: bye\n"), "bye");
  });

  test("each is tested here, and has no more than 30 lines of code", async () => {
    const here = await readFile(fileURLToPath(import.meta.url), "utf8");
    for (const file of readdirSync(folder)) {
      assert.ok(here.includes(`run("${file.replace(/\.ts$/, "")}"`), file);
      const lines = readFileSync(`${folder}${file}`, "utf8").split("\n");
      assert.ok(lines.filter((line) => !/^\s*(\/\/.*|\/\*\*.*)?$/.test(line)).length <= 30, file);
    }
  });
});
