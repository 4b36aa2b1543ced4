/**
 * Signals that end a command.
 *
 * @module
 */
import { fstatSync, readSync } from "node:fs";
import process from "node:process";
import { exit } from "./command.ts";

/** Signals that end a process by default, with their numbers. SIGKILL cannot be handled. */
const numbers = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGUSR2: 12, SIGALRM: 14, SIGTERM: 15 } as const;

/** A signal that ends a command. */
export type EndSignal = keyof typeof numbers;

/**
 * A signal repeated within this many milliseconds counts once: at Ctrl-C the terminal sends it to the whole process group,
 * and a task runner in that group forwards it once more.
 */
const SAME_SIGNAL_MS = 50;

let first: ((signal: EndSignal) => void) | undefined;
let hangup: (() => void) | undefined;
let listening = false;
let seen: { signal: EndSignal; at: number } | undefined;

/**
 * Calls `onFirst` at the first signal; a second one ends the process at once, with 128 and the number of the signal as its
 * status. Without `onFirst` the first signal does. A later call replaces `onFirst`.
 */
export function onSignals(onFirst?: (signal: EndSignal) => void): void {
  first = onFirst;
  if (listening) return;
  listening = true;
  // By default it would open Node's inspector, and end Deno. The log is reopened at it.
  process.on("SIGUSR1", () => {});
  for (const signal of Object.keys(numbers) as EndSignal[]) {
    const ignored = signal === "SIGHUP" && outlivesTerminal();
    process.on(
      signal,
      ignored ? () => {} : () => {
        if (signal === "SIGHUP" && hangup !== undefined) hangup();
        else heard(signal);
      },
    );
  }
}

/**
 * Calls `reload` at SIGHUP, as daemons do, in place of ending. A process that was started at a terminal still ends: there the
 * signal says that the terminal has gone.
 */
export function onHangup(reload: () => void): void {
  if (!process.stdin.isTTY) hangup = reload;
}

function heard(signal: EndSignal): void {
  if (seen?.signal === signal && performance.now() - seen.at < SAME_SIGNAL_MS) return;
  if (seen !== undefined || first === undefined) return void exit(128 + numbers[signal]);
  seen = { signal, at: performance.now() };
  first(signal);
}

/**
 * True if `nohup` started the process, which then ignores SIGHUP. A task runner resets that, but the standard input that
 * `nohup` gives instead of a terminal stays: it cannot be read (GNU coreutils).
 */
function outlivesTerminal(): boolean {
  try {
    if (process.stdin.isTTY || !fstatSync(0).isCharacterDevice()) return false;
    readSync(0, new Uint8Array(1)); // /dev/null reads as empty
    return false;
  } catch (error) {
    return (error as { code?: string }).code === "EBADF";
  }
}
