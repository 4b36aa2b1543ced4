/**
 * Signals that end a command.
 *
 * @module
 */
import { fstatSync, readSync } from "node:fs";
import process from "node:process";
import { exit } from "./command.ts";

/** What ends a process that does not care, apart from SIGKILL; by its number. */
const numbers = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGUSR2: 12, SIGALRM: 14, SIGTERM: 15 } as const;

/** A signal that ends a command. */
export type EndSignal = keyof typeof numbers;

/**
 * Within so many milliseconds the same signal again is the same one: at Ctrl-C the terminal sends it to the whole process
 * group, and a task runner that is part of it sends it on once more.
 */
const SAME_SIGNAL_MS = 50;

let first: ((signal: EndSignal) => void) | undefined;
let listening = false;
let seen: { signal: EndSignal; at: number } | undefined;

/**
 * Calls `work` at the first signal; a second one ends the process at once, with 128 and the number of the signal as its
 * status. Without `work` already the first one does. What was given last counts.
 */
export function onSignals(work?: (signal: EndSignal) => void): void {
  first = work;
  if (listening) return;
  listening = true;
  for (const signal of Object.keys(numbers) as EndSignal[]) {
    const ignored = signal === "SIGHUP" && outlivesTerminal();
    process.on(signal, ignored ? () => {} : () => heard(signal));
  }
}

function heard(signal: EndSignal): void {
  if (seen?.signal === signal && performance.now() - seen.at < SAME_SIGNAL_MS) return;
  if (seen !== undefined || first === undefined) return void exit(128 + numbers[signal]);
  seen = { signal, at: performance.now() };
  first(signal);
}

/**
 * Whether `nohup` started this, so that it outlives its terminal: it has SIGHUP ignored, which a task runner undoes, and
 * gives a standard input that cannot be read instead of the terminal (GNU coreutils, nohup).
 */
function outlivesTerminal(): boolean {
  try {
    if (process.stdin.isTTY || !fstatSync(0).isCharacterDevice()) return false;
    readSync(0, new Uint8Array(1)); // the null device: it has nothing
    return false;
  } catch (error) {
    return (error as { code?: string }).code === "EBADF";
  }
}
