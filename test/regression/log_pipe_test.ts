/** A named pipe as the log file, and signals about the log. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { within } from "../support/deadline.ts";
import { exchange } from "../support/sockets.ts";

const skip = process.platform === "win32";

/** A server whose log is a new named pipe. */
function serverWithPipe(path: string): Running {
  assert.equal(spawnSync("mkfifo", [path]).status, 0);
  return new Running("server", ["--yes", "--port", "0", "--log-file", path]);
}

test("10-21: a named pipe without a reader as log file holds up neither start nor stop", { skip }, async () => {
  await using folder = await temporaryFolder();
  const server = serverWithPipe(folder.file("log"));
  const port = await server.port();
  assert.equal(String(await exchange(port, "hello\n")), "hello\n");
  assert.equal(await server.stop(), 0);
  assert.equal(server.stderr, "");
});

test("10-21: a reader of the log that stalls holds up nobody, and what it lost is counted", { skip }, async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("log");
  const server = serverWithPipe(path);
  // Opens the pipe, reads when it is told to.
  const reader = spawn("sh", ["-c", 'exec 3<"$0"; read go; exec cat <&3', path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let log = "";
  reader.stdout.on("data", (bytes) => log += bytes);
  const port = await server.port();
  // A connection makes some 450 characters of records; a pipe holds 64 KiB, and the queue 1 MiB.
  for (let round = 0; round < 60; round++) {
    const echoes = await Promise.all(Array.from({ length: 50 }, () => exchange(port, "hello\n")));
    for (const echo of echoes) assert.equal(String(echo), "hello\n");
  }
  reader.stdin.write("go\n");
  await within(() => log.includes("client.disconnected"), "the log is read", 30_000);
  await within(
    () => {
      if (!log.includes("records.lost")) void exchange(port, "more\n");
      return log.includes("records.lost");
    },
    "the losses are logged",
    30_000,
  );
  assert.equal(await server.stop(), 0);
  if (reader.exitCode === null) await once(reader, "close");
  assert.match(log, /WARN records\.lost [1-9]\d* records were lost/);
  assert.match(log, /server\.stopped [^\n]*\n$/);
});

test("10-28: SIGUSR1 reopens the log; its mode is 0640 at most", { skip }, async () => {
  await using folder = await temporaryFolder();
  await using server = await startServerCommand(folder.path);
  const path = folder.file("server.log");
  await within(() => readFileSync(path, "utf8").includes("server.listening"), "the first records");
  assert.equal(statSync(path).mode & 0o137, 0);
  renameSync(path, folder.file("old.log"));
  server.kill("SIGUSR1");
  await within(() => existsSync(path), "a new file");
  assert.equal(String(await exchange(server.at, "hello\n")), "hello\n");
  await within(() => readFileSync(path, "utf8").includes("client.disconnected"), "records in the new file");
  assert.equal(await server.stop(), 0);
  assert.doesNotMatch(readFileSync(folder.file("old.log"), "utf8"), /client/);
  assert.equal(server.stderr, "", "no inspector");
});
