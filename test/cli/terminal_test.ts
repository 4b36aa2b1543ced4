import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startServerCommand, temporaryFolder } from "../support/commands.ts";
import { OnTerminal, skip } from "../support/terminal.ts";

describe("on a terminal", { skip }, () => {
  test("the server asks for address and port, explains what is wrong, asks again, and stops at a typed stop", async () => {
    await using folder = await temporaryFolder();
    const server = new OnTerminal("server", ["--log-file", folder.file("s.log")]);
    await server.sees(/Address to listen on \(127\.0\.0\.1\)/);
    server.types("192.0.2.1\r");
    await server.sees(/does not belong to this machine/);
    await server.sees(/Address to listen on/);
    server.types("\r");
    await server.sees(/Port \(9090\)/);
    server.types("70000\r");
    await server.sees(/Expected an integer from 0 to 65535/);
    await server.sees(/Port \(9090\)/);
    server.types("0\r");
    await server.sees(/listening on 127\.0\.0\.1:\d+/);
    server.types("stop\r");
    assert.equal(await server.ended, 0);
  });

  test("nothing is asked that a flag or the environment gave, and nothing at all with --yes", async () => {
    await using folder = await temporaryFolder();
    const log = ["--log-file", folder.file("s.log")];
    const given = new OnTerminal("server", ["--host", "127.0.0.1", ...log], { env: { ECHOPIPE_PORT: "0" } });
    await given.sees(/listening on/);
    assert.doesNotMatch(given.screen(), /Port|Address/);
    given.types("stop\r");
    assert.equal(await given.ended, 0);
  });

  test("Ctrl-C or Ctrl-D at a question ends with status 130", async () => {
    await using folder = await temporaryFolder();
    for (const key of ["\x03", "\x04"]) {
      const server = new OnTerminal("server", ["--log-file", folder.file("s.log")]);
      await server.sees(/Address to listen on/);
      server.types(key);
      assert.equal(await server.ended, 130);
    }
  });

  test("Ctrl-C at the login: the log is whole", async () => {
    await using folder = await temporaryFolder();
    const users = ["--access", "identify", "--users", folder.file("users.json")];
    await using server = await startServerCommand(folder.path, users);
    const log = folder.file("client.log");
    const session = ["--session-file", folder.file("sessions.json")];
    const client = new OnTerminal("client", [
      "--host",
      "127.0.0.1",
      "--port",
      String(server.at),
      "--log-file",
      log,
      ...session,
    ]);
    await client.sees(/name/);
    await client.until(() => existsSync(log) && readFileSync(log, "utf8").includes("connected"), "record");
    client.types("\x03");
    assert.equal(await client.ended, 130);
    assert.match(await readFile(log, "utf8"), /INFO connected[^]*INFO disconnected/);
  });

  test("Ctrl-C at a server that listens drains it, also where a task runner sends the signal on", async () => {
    await using folder = await temporaryFolder();
    const log = folder.file("s.log");
    const server = new OnTerminal("server", ["--yes", "--port", "0", "--log-file", log]);
    await server.sees(/listening on/);
    server.types("\x03");
    await server.until(() => readFileSync(log, "utf8").includes("server.listening"), "record");
    assert.equal(await server.ended, 0);
    assert.match(await readFile(log, "utf8"), /server\.stopped Server stopped: SIGINT/);
  });

  test("the client: lines out, lines back, exit ends it, the service messages are in the log", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const log = folder.file("client.log");
    const client = new OnTerminal("client", ["--yes", "--port", String(server.at), "--log-file", log]);
    await client.sees(/Connected to 127\.0\.0\.1/);
    client.types("hello there\r");
    await client.sees(/> hello there/);
    await client.sees(/hello there/);
    client.types("Grüße, 你好\r");
    await client.sees(/Grüße, 你好/);
    await client.sees(/Grüße, 你好/);
    client.types("exit\r");
    assert.equal(await client.ended, 0, client.screen());
    const events = (await readFile(log, "utf8")).trimEnd().split("\n").map((line) => line.split(" ")[2]);
    assert.equal(events[0], "connected");
    assert.equal(events.at(-1), "disconnected");
    assert.equal(events.filter((event) => event === "data.sent").length, 3);
    assert.equal(events.filter((event) => event === "data.received").length, 2);
  });

  test("the client: Ctrl-D ends it, and so does the server, with a word", async () => {
    await using folder = await temporaryFolder();
    const server = await startServerCommand(folder.path);
    const args = ["--yes", "--port", String(server.at), "--log-to", "none"];
    const leaving = new OnTerminal("client", args);
    await leaving.sees(/Connected to/);
    leaving.types("\x04");
    assert.equal(await leaving.ended, 0, leaving.screen());
    const left = new OnTerminal("client", args);
    await left.sees(/Connected to/);
    left.types("still here\r");
    await left.sees(/still here/);
    await left.sees(/still here/);
    assert.equal(await server.stop(), 0);
    await left.sees(/The server stops/);
    assert.equal(await left.ended, 1);
    assert.match(left.screen(), /ended the connection/);
  });

  test("a client that types stop has what it wanted when the server ends the connection: status 0", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const client = new OnTerminal("client", ["--yes", "--port", String(server.at), "--log-to", "none"]);
    await client.sees(/Connected to/);
    client.types("stop\r");
    await client.sees(/The server stops/);
    assert.equal(await client.ended, 0, client.screen());
    assert.equal(await server.ended, 0);
  });

  test("the client: lines that were typed just before Ctrl-D leave, and exit ends it also where it is no command", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path, ["--framing", "raw"]);
    const log = folder.file("client.log");
    for (const keys of ["one\rtwo\r\x04", "one\rtwo\rexit\r"]) {
      const args = [
        "--yes",
        "--framing",
        "raw",
        "--port",
        String(server.at),
        "--log-file",
        log,
        "--log-format",
        "json",
      ];
      const client = new OnTerminal("client", args);
      await client.sees(/Connected to/);
      client.types(keys);
      assert.equal(await client.ended, 0, client.screen());
      const records = (await readFile(log, "utf8")).trimEnd().split("\n").map((line) => JSON.parse(line));
      const typed = keys.replaceAll("\r", "\n").replace("\x04", "").length;
      assert.equal(records.at(-1).received_bytes, typed);
    }
  });

  test("the client: a server that accepts and says nothing is given up, status 4", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await new Promise((resume) => silent.once("listening", resume));
    const { port } = silent.address() as AddressInfo;
    const client = new OnTerminal("client", ["--yes", "--port", String(port), "--timeout", "0.3", "--log-to", "none"]);
    assert.equal(await client.ended, 4, client.screen());
    assert.match(client.screen(), /has not answered the hello for 0\.3 s/);
    silent.close();
  });

  test("what arrives while a person types does not break the typed line", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const client = new OnTerminal("client", ["--yes", "--port", String(server.at), "--log-to", "none"]);
    await client.sees(/Connected to/);
    client.types("first\rsec");
    await client.sees(/first/);
    await client.sees(/first/);
    await client.sees(/> sec/); // shown again below what arrived
    client.types("ond\r");
    await client.sees(/ond\r*\n/);
    await client.sees(/second/);
    client.types("exit\r");
    assert.equal(await client.ended, 0);
  });

  test("a progress bar in bulk, and the summary after it", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const file = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
    const client = new OnTerminal("client", [
      file,
      "--output",
      folder.file("out"),
      "--port",
      String(server.at),
      "--log-to",
      "none",
    ]);
    assert.equal(await client.ended, 0);
    assert.match(client.screen(), /\d+% [\d.]+ of [\d.]+ MB/);
    assert.match(client.screen(), /matched/);
    assert.deepEqual(await readFile(folder.file("out")), await readFile(file));
  });
});
