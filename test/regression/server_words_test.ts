/** Messages of the server to the person who started it. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { open } from "../support/sockets.ts";
import { OnTerminal, skip } from "../support/terminal.ts";

test("10-28: a limit of connections above the limit of descriptors is lowered, and that is said", async (t) => {
  if ("Deno" in globalThis || process.platform !== "linux") return t.skip("the limit is known on Linux only, by Node");
  for (const [openFiles, connections] of [[300, 236], [64, 32]]) { // 13: of 64 only 1 was left
    const wrapper = ["sh", "-c", `ulimit -n ${openFiles}; exec "$@"`, "sh"];
    const server = new Running("server", ["--yes", "--port", "0", "--log-to", "none"], { wrapper });
    await server.port();
    assert.equal(await server.stop(), 0);
    const lowered = `--max-connections 10000 is lowered to ${connections}: the system allows ${openFiles} open files\n`;
    assert.equal(server.stderr, lowered);
  }
});

test("a taken port is reported", async () => {
  await using folder = await temporaryFolder();
  await using first = await startServerCommand(folder.path);
  await using second = await startServerCommand(folder.path, ["--port", String(first.at)]);
  assert.ok(second.at > first.at);
  assert.equal(second.stderr, `Port ${first.at} is in use, listening on ${second.at} instead\n`);
});

test(
  "a terminal is told how to stop, at the start and at other words, and what a stop waits for",
  { skip },
  async () => {
    const server = new OnTerminal("server", ["--yes", "--port", "0", "--log-to", "none"]);
    await server.sees(/listening on 127\.0\.0\.1:\d+/);
    const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(server.screen())!;
    await server.sees(/Type stop or press Ctrl-C/);
    for (const word of ["help", "quit", "exit"]) {
      server.types(`${word}\r`);
      await server.sees(new RegExp(`${word}\\s+Type stop or press Ctrl-C`));
    }
    const client = await open(Number(port));
    const seen = new Promise((resume) => client.once("data", resume));
    client.write("hello\n");
    await seen;
    server.types("\x03");
    await server.sees(/Stopping: waits up to 5 s for 1 connection to end/);
    client.destroy();
    assert.equal(await server.ended, 0);
  },
);
