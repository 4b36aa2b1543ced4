/** Records on standard error: nobody but they wait for whoever reads it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { commandLine } from "../support/commands.ts";
import { exchange } from "../support/sockets.ts";

test("standard error that nobody reads: everybody is served all the same, and the server stops", async () => {
  const [command, ...words] = [...commandLine("server"), "--yes", "--port", "0", "--log-to", "console"];
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const server = spawn(command, words, { cwd: root, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  const ended = once(server, "exit");
  const [line] = await once(server.stdout, "data");
  const port = Number(/:(\d+)\n/.exec(String(line))![1]);
  // A pipe holds 64 KiB, and a connection is some 450 bytes of records.
  for (let i = 0; i < 300; i++) assert.equal(String(await exchange(port, "hello\n")), "hello\n");
  process.kill(server.pid!, "SIGTERM"); // Deno takes what `kill` of a child sends for what ended it
  server.stderr.resume(); // it ends when it was read, or after a second
  assert.deepEqual((await ended)[0], 0);
});
