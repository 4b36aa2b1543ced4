/** Bulk echo: its end, and what it shows on a terminal. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import net from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { OnTerminal, skip } from "../support/terminal.ts";

test("10-24: a server that sends without end is left at the first byte beyond what was sent, status 6", async () => {
  const endless = net.createServer((socket) => {
    socket.on("error", () => {});
    const block = Buffer.alloc(1 << 16, "x");
    const send = () => {
      while (socket.writable && socket.write(block));
    };
    socket.on("data", send).on("drain", send);
  }).listen(0, "127.0.0.1");
  await new Promise((resume) => endless.once("listening", resume));
  const { port } = endless.address() as net.AddressInfo;
  const client = new Running("client", ["--port", String(port), "--framing", "raw", "--log-to", "none"]);
  client.child.stdin!.write("hello"); // its end never comes
  assert.equal(await client.ended, 6, client.stderr);
  assert.match(client.stderr, /\nclient: The echo differed: 5 bytes sent, \d+ bytes received\n$/);
  assert.ok(client.stdout.length <= 5);
  endless.close();
});

test("10-14: no progress bar where the echo itself is on the terminal", { skip }, async () => {
  await using folder = await temporaryFolder();
  await using server = await startServerCommand(folder.path);
  const wrapper = ["sh", "-c", 'printf "one\\ntwo\\n" | "$@"', "sh"];
  const client = new OnTerminal("client", ["--port", String(server.at), "--log-to", "none"], { wrapper });
  assert.equal(await client.ended, 0, client.screen());
  // deno-lint-ignore no-control-regex -- no escape sequence is expected
  assert.match(client.stdout.toString(), /^one\r\ntwo\r\n8 bytes sent, 8 bytes received, [^\x1b]* MB\/s\r\n$/);
});

test("10-14: no progress bar over the question of a login", { skip }, async () => {
  await using folder = await temporaryFolder();
  const users = ["--access", "identify", "--users", folder.file("users.json")];
  await using server = await startServerCommand(folder.path, users);
  await writeFile(folder.file("in"), "data");
  const client = new OnTerminal("client", [
    ...[folder.file("in"), "--output", folder.file("out"), "--port", String(server.at)],
    ...["--log-to", "none", "--session-file", folder.file("sessions.json")],
  ]);
  await client.sees(/what is your name\?/);
  await delay(500); // two updates of a bar
  assert.doesNotMatch(client.screen(), /ETA|%/);
  client.types("anna\r");
  assert.equal(await client.ended, 0, client.screen());
  assert.match(client.screen(), /100% 0\.0 of 0\.0 MB/);
  assert.equal(await readFile(folder.file("out"), "utf8"), "data");
});
