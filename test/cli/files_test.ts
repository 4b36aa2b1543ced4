import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, lstatSync, statSync } from "node:fs";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import net from "node:net";
import { describe, test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { exchange } from "../support/sockets.ts";

const quietly = ["--log-to", "none"];

describe("--output", () => {
  test("writes what a link leads to, and leaves nothing else behind", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    await writeFile(folder.file("target"), "before");
    await symlink(folder.file("target"), folder.file("link"));
    const client = new Running("client", ["--port", String(server.at), "--output", folder.file("link"), ...quietly]);
    client.child.stdin!.end("through the link");
    assert.equal(await client.ended, 0, client.stderr);
    assert.ok(lstatSync(folder.file("link")).isSymbolicLink());
    assert.equal(await readFile(folder.file("target"), "utf8"), "through the link");
    assert.deepEqual((await readdir(folder.path)).sort(), ["link", "server.log", "target"]);
  });

  test("writes to a device as it is, in place of nothing", async (t) => {
    if (!existsSync("/dev/null") || statSync("/dev/null").isFile()) return t.skip("no /dev/null here");
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    // By a link: were the name of a device ever given to a file, it would be the link's.
    await symlink("/dev/null", folder.file("null"));
    const client = new Running("client", ["--port", String(server.at), "--output", folder.file("null"), ...quietly]);
    client.child.stdin!.end("nobody reads this");
    assert.equal(await client.ended, 0, client.stderr);
    assert.ok(lstatSync(folder.file("null")).isSymbolicLink());
    assert.ok(statSync("/dev/null").isCharacterDevice());
  });
});

describe("the log file", () => {
  test("a log that cannot be written any more is told of once, and the server goes on", async (t) => {
    if ("Deno" in globalThis || !existsSync("/dev/full")) return t.skip("no /dev/full, or out of reach on Deno");
    const server = new Running("server", ["--yes", "--port", "0", "--log-file", "/dev/full"]);
    const port = await server.port();
    for (let i = 0; i < 3; i++) assert.equal(await exchange(port, "hello\n").then(String), "hello\n");
    assert.equal(await server.stop(), 0);
    assert.match(server.stderr, /^server: Cannot write the log file "\/dev\/full": .*; records are lost\n$/);
  });

  test("a device is written as it is", async (t) => {
    if (!existsSync("/dev/null")) return t.skip("no /dev/null here");
    const server = new Running("server", ["--yes", "--port", "0", "--log-file", "/dev/null"]);
    await server.port();
    assert.equal(await server.stop(), 0);
    assert.equal(server.stderr, "");
  });

  test("what the permissions do not reach is told without advice to widen them", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    for (const args of [["--output", "/proc/no/such"], ["--log-file", "/proc/no/such"]]) {
      const client = new Running("client", ["--port", String(server.at), ...args], { stdin: "ignore" });
      assert.equal(await client.ended, 1);
      assert.match(client.stderr, /^client: Cannot write the (log )?file "\/proc\/no\/such": [^\n]+\n$/);
      assert.doesNotMatch(client.stderr, /--allow/);
    }
  });

  test("a client that a signal ends has logged that it disconnected", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const client = new Running("client", [
      "--port",
      String(server.at),
      "--log-format",
      "json",
      "--log-file",
      folder.file("client.log"),
    ]);
    client.child.stdin!.write("hello");
    await client.until(() => client.stdout.toString() === "hello", "echo");
    assert.equal(await client.stop(), 143);
    const last = JSON.parse((await readFile(folder.file("client.log"), "utf8")).trimEnd().split("\n").at(-1)!);
    assert.equal(last.event, "disconnected");
    assert.equal(last.reason, "interrupted");
  });
});

describe("errors", () => {
  test("an echo that is longer than what was sent differed", async () => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.pipe(socket, { end: false });
      socket.on("end", () => socket.end("more"));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    const client = new Running("client", ["--port", String(port), "--framing", "raw", ...quietly]);
    client.child.stdin!.end("hello");
    assert.equal(await client.ended, 6);
    assert.match(client.stderr, /\nclient: The echo differed: 5 bytes sent, 9 bytes received\n$/);
    server.close();
  });

  test("a flag that is nearly one is told in one line", async () => {
    const server = new Running("server", ["--yes", "--prot", "1"]);
    assert.equal(await server.ended, 2);
    assert.match(server.stderr, /^server: Cannot use "--prot": .*--port.*\n$/);
  });
});
