/**
 * `stop`, typed at the server's own terminal.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { Readable } from "node:stream";
import { TextLineStream } from "@std/streams/text-line-stream";

/** Characters of a line that are looked at: whatever is longer is no command, and must not pile up. */
const MAX_LINE = 80;

/** Calls `stop` once when the line `stop` comes on standard input. The end of standard input means nothing. */
export function onTypedStop(stop: () => void): void {
  if (inBackground()) return;
  void watch(stop).catch(() => {}); // a terminal that cannot be read any more: nobody types there
}

async function watch(stop: () => void): Promise<void> {
  const text = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array<ArrayBuffer>>;
  const lines = text.pipeThrough(new TextDecoderStream()).pipeThrough(cutLines()).pipeThrough(new TextLineStream());
  for await (const line of lines) {
    if (line.trim() === "stop") return stop();
  }
}

/** Drops what a line has beyond {@linkcode MAX_LINE} and one more: it is none of those that are wanted. */
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

/** Whether reading the terminal would suspend this process (SIGTTIN), as it does to one started with `&`. */
function inBackground(): boolean {
  if (!process.stdin.isTTY) return false;
  try {
    // proc(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid.
    const [, , group, , , foreground] = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)!.split(" ");
    return group !== foreground;
  } catch {
    return false; // not Linux
  }
}
