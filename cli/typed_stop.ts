/**
 * `stop`, typed at the server's own terminal.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { Readable } from "node:stream";
import { TextLineStream } from "@std/streams/text-line-stream";
import { printError } from "./command.ts";

/** The answer to other words that end programs, and to `help`. */
export const STOP_HINT = "Type stop or press Ctrl-C to stop the server";

/** Limit of a line, in characters: a longer one is no command, and is not gathered. */
const MAX_LINE = 80;

/** Calls `stop` once the line `stop` comes on standard input. The end of standard input has no effect. */
export function onTypedStop(stop: () => void): void {
  if (inBackground()) return;
  void watch(stop).catch(() => {}); // the terminal is gone
}

async function watch(stop: () => void): Promise<void> {
  const text = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array<ArrayBuffer>>;
  const lines = text.pipeThrough(new TextDecoderStream()).pipeThrough(cutLines()).pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const command = line.trim();
    if (command === "stop") return stop();
    if (process.stdin.isTTY && /^(help|\?|exit|quit)$/.test(command)) printError(STOP_HINT);
  }
}

/** Cuts lines behind {@linkcode MAX_LINE} and one more character: such a line is no command. */
function cutLines(): TransformStream<string, string> {
  let length = 0;
  return new TransformStream({
    transform(text, controller) {
      for (let start = 0; start < text.length;) {
        const lineEnd = text.indexOf("\n", start);
        const end = lineEnd < 0 ? text.length : lineEnd;
        const kept = Math.min(end, start + MAX_LINE + 1 - length);
        if (kept > start) controller.enqueue(text.slice(start, kept));
        length += Math.max(0, kept - start);
        if (lineEnd < 0) return;
        controller.enqueue("\n");
        length = 0;
        start = lineEnd + 1;
      }
    },
  });
}

/**
 * True if the process was started with `&`: reading the terminal would suspend it (SIGTTIN). Linux only, and not on Deno,
 * which lets nobody read `/proc`.
 */
function inBackground(): boolean {
  if (!process.stdin.isTTY) return false;
  try {
    // proc(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid.
    const [, , group, , , foreground] = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)!.split(" ");
    return group !== foreground;
  } catch {
    return false;
  }
}
