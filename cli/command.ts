/**
 * What every command does around its work: errors to messages and statuses, the log's last records.
 *
 * @module
 */
import process from "node:process";
import { writeSync } from "node:fs";
import { messageOf } from "../src/errors.ts";
import { printable } from "../src/printable.ts";
import { Status, statusOf } from "./status.ts";

/** Gives back what must be given back before the process ends: closes the log, removes a half-written file. */
type Cleanup = () => void | Promise<void>;

/** A cleanup that takes longer than this is left, in milliseconds. */
const MAX_CLEANUP_MS = 1000;

const cleanups = new Set<Cleanup>();
let ending = false;

/** Has `cleanup` called before the process ends, whatever ends it short of SIGKILL. */
export function beforeExit(cleanup: Cleanup): void {
  cleanups.add(cleanup);
}

/** Writes lines to standard error; what in them could control a terminal is replaced. */
export function printError(text: string): void {
  try {
    writeSync(2, `${text.split("\n").map(printable).join("\n")}\n`);
  } catch {
    // Standard error is closed: there is nobody to tell.
  }
}

/** Ends the process with that status, after the cleanups. */
export async function exit(status: number): Promise<never> {
  if (!ending) {
    ending = true;
    const all = Promise.allSettled([...cleanups].reverse().map(async (cleanup) => await cleanup()));
    let timer;
    const most = new Promise((resume) => timer = setTimeout(resume, MAX_CLEANUP_MS));
    await Promise.race([all, most]);
    clearTimeout(timer);
    giveTerminalBack();
    process.exit(status);
  }
  return await new Promise(() => {}); // the first call ends the process
}

/** A prompt may be open, which takes the terminal's keys one by one. */
function giveTerminalBack(): void {
  try {
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
  } catch {
    // There is no terminal any more.
  }
}

/** The process ends now, which somebody else has decided, as a prompt does at Ctrl-C: what takes no time is still done. */
function cleanUpAtOnce(): void {
  if (ending) return;
  ending = true;
  for (const cleanup of [...cleanups].reverse()) {
    try {
      Promise.resolve(cleanup()).catch(() => {});
    } catch {
      // The others are to be done all the same.
    }
  }
}

/**
 * Runs a command and ends the process with its status. A failure becomes one line on standard error; a failure nobody
 * foresaw, also one that escaped every handler, ends with status 1 and the log written.
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
