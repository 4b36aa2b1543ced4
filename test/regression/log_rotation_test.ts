import assert from "node:assert/strict";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { LogFile } from "../../cli/log_file.ts";
import { temporaryFolder } from "../support/commands.ts";
import { within } from "../support/deadline.ts";

const LINE = "0123456789\n";

/** A log of at most 100 bytes a file, and what it reported. */
function openLog(path: string) {
  const problems: string[] = [];
  const log = new LogFile(path, { maxSize: 100, maxFiles: 3, onProblem: (problem) => problems.push(problem) });
  return { log, problems };
}

/** Appends lines, and waits until they are written. */
async function append(log: LogFile, lines: number, written: () => boolean) {
  log.append(LINE.repeat(lines));
  await within(written, "the lines are written");
}

test("10-17: a log rotates by its size, and only so many files are kept", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("server.log");
  const { log, problems } = openLog(path);
  for (let i = 0; i < 6; i++) {
    const line = `${i}`.repeat(88);
    log.append(line);
    await within(() => existsSync(path) && readFileSync(path, "utf8") === line, "the line is in a file of its own");
  }
  await log.close();
  assert.deepEqual((await readdir(folder.path)).sort(), ["server.log", "server.log.1", "server.log.2"]);
  assert.deepEqual(problems, []);
});

test("10-17: a log whose folder is gone goes on in the old file, and writes to no descriptor of another", async () => {
  await using folder = await temporaryFolder();
  const logs = folder.file("logs");
  mkdirSync(logs);
  const { log, problems } = openLog(join(logs, "server.log"));
  await append(log, 8, () => readFileSync(join(logs, "server.log")).length === 88);
  rmSync(logs, { recursive: true });
  log.append(LINE.repeat(8));
  await within(() => problems.length > 0, "the rotation has failed");
  // The next descriptor that is opened must not be one that the log believes to be its own.
  const other = folder.file("other");
  await writeFile(other, "");
  const descriptor = openSync(other, "r+");
  for (let i = 0; i < 20; i++) log.append(LINE.repeat(8));
  await log.close();
  assert.equal(readFileSync(other, "utf8"), "");
  closeSync(descriptor); // closed by nobody else: this would throw
  assert.deepEqual([...new Set(problems)], ["rotate"]);
});

test("10-17: a log that could not be rotated loses no record, and is rotated when it can be", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("server.log");
  const { log, problems } = openLog(path);
  mkdirSync(`${path}.0`); // nothing can be renamed to the name of a folder
  await writeFile(join(`${path}.0`, "full"), "");
  await append(log, 8, () => readFileSync(path).length === 88);
  await append(log, 8, () => readFileSync(path).length === 176);
  assert.deepEqual(problems, ["rotate"]);
  renameSync(`${path}.0`, folder.file("away"));
  await append(log, 8, () => readFileSync(path).length === 88);
  await log.close();
  assert.equal(readFileSync(`${path}.1`).length, 176);
});
