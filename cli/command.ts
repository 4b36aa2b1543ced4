/**
 * What every command does around its work: errors to messages and statuses, signals, the log's last records.
 *
 * @module
 */
import process from "node:process";
import { writeSync } from "node:fs";
import { messageOf } from "../src/errors.ts";
import { Status, statusOf } from "./status.ts";

/** Gives back what must be given back before the process ends: closes the log, removes a half-written file. */
type Cleanup = () => void | Promise<void>;

/** A cleanup that takes longer than this is left, in milliseconds. */
const CLEANUP_MOST_MS = 1000;

/**
 * Within so many milliseconds the same signal again is the same one: at Ctrl-C the terminal sends it to the whole process
 * group, and a task runner that is part of it sends it on once more.
 */
const SAME_SIGNAL_MS = 100;

const cleanups = new Set<Cleanup>();
let ending = false;

/** Has `cleanup` called before the process ends, whatever ends it short of SIGKILL. */
export function beforeExit(cleanup: Cleanup): void {
  cleanups.add(cleanup);
}

/** Writes a line to standard error. */
export function complain(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Standard error is closed: there is nobody to tell.
  }
}

/** Ends the process with that status, after the cleanups. */
export async function exit(status: Status): Promise<never> {
  if (!ending) {
    ending = true;
    const all = Promise.allSettled([...cleanups].reverse().map(async (cleanup) => await cleanup()));
    let timer;
    const most = new Promise((resume) => timer = setTimeout(resume, CLEANUP_MOST_MS));
    await Promise.race([all, most]);
    clearTimeout(timer);
    process.exit(status);
  }
  return await new Promise(() => {}); // the first call ends the process
}

/**
 * Runs a command and ends the process with its status. A failure becomes one line on standard error; a failure nobody
 * foresaw, also one that escaped every handler, ends with status 1 and the log written.
 */
export async function run(name: string, work: () => Promise<Status>): Promise<never> {
  const crash = (error: unknown) => {
    complain(`${name}: ${messageOf(error)}`);
    void exit(Status.failed);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  try {
    return await exit(await work());
  } catch (error) {
    complain(`${name}: ${messageOf(error)}`);
    return await exit(statusOf(error));
  }
}

/**
 * Calls `first` at the first SIGINT or SIGTERM; a second one ends the process at once, with the status that says which.
 * Without `first` already the first one does.
 */
export function onSignals(first?: (signal: "SIGINT" | "SIGTERM") => void): void {
  let seen: { signal: string; at: number } | undefined;
  const handle = (signal: "SIGINT" | "SIGTERM", status: Status) => {
    process.on(signal, () => {
      if (seen !== undefined && seen.signal === signal && performance.now() - seen.at < SAME_SIGNAL_MS) return;
      if (seen !== undefined || first === undefined) return void exit(status);
      seen = { signal, at: performance.now() };
      first(signal);
    });
  };
  handle("SIGINT", Status.interrupted);
  handle("SIGTERM", Status.terminated);
}
