/**
 * The frame of every command: errors become messages and exit statuses, and cleanups run before the process ends.
 *
 * @module
 */
import process from "node:process";
import { writeSync } from "node:fs";
import { messageOf } from "../src/errors.ts";
import { printable } from "../src/printable.ts";
import { Status, statusOf } from "./status.ts";

/** Closes the log, removes an unfinished file and the like. */
type Cleanup = () => void | Promise<void>;

/** Time limit of all cleanups together, in milliseconds. */
const MAX_CLEANUP_MS = 1000;

const cleanups = new Set<Cleanup>();
let ending = false;

/** Registers a cleanup to run before the process ends, whatever ends it short of SIGKILL. */
export function beforeExit(cleanup: Cleanup): void {
  cleanups.add(cleanup);
}

/** Writes lines to standard error; what in them could control a terminal is replaced. */
export function printError(text: string): void {
  try {
    writeSync(2, `${text.split("\n").map(printable).join("\n")}\n`);
  } catch {
    // Standard error is closed.
  }
}

/** Runs the cleanups, the last registered first, and ends the process with that status. */
export async function exit(status: number): Promise<never> {
  if (!ending) {
    ending = true;
    const all = Promise.allSettled([...cleanups].reverse().map(async (cleanup) => await cleanup()));
    let timer;
    const limit = new Promise((resume) => timer = setTimeout(resume, MAX_CLEANUP_MS));
    await Promise.race([all, limit]);
    clearTimeout(timer);
    leaveRawMode();
    process.exit(status);
  }
  return await new Promise(() => {}); // the first call ends the process
}

/** Undoes the raw mode of an open prompt. */
function leaveRawMode(): void {
  try {
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
  } catch {
    // The terminal is gone.
  }
}

/** Starts the cleanups where other code ends the process: those that are synchronous still complete. */
function cleanUpAtOnce(): void {
  if (ending) return;
  ending = true;
  for (const cleanup of [...cleanups].reverse()) {
    try {
      Promise.resolve(cleanup()).catch(() => {});
    } catch {
      // The others still run.
    }
  }
}

/**
 * Runs a command and ends the process with its status. A failure becomes one line on standard error, with no control characters of
 * others in it; an uncaught exception or rejection ends with status 1, the log written.
 */
export async function run(name: string, work: () => Promise<Status>): Promise<never> {
  const crash = (error: unknown) => {
    printError(`${name}: ${messageOf(error)}`);
    void exit(Status.failed);
  };
  process.on("exit", () => cleanUpAtOnce());
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  try {
    return await exit(await work());
  } catch (error) {
    printError(`${name}: ${messageOf(error)}`);
    return await exit(statusOf(error));
  }
}
