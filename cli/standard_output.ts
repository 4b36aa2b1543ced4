/**
 * Text on standard output, written before the process ends.
 *
 * @module
 */
import { writeSync } from "node:fs";

/** Pause before a full pipe is tried again, in milliseconds. */
const FULL_MS = 5;

/** True once nobody reads standard output any more, as after `| head -n 1`. */
let isClosed = false;

/** Writes text to standard output; false: nobody reads it any more. Waits where it is a pipe that is full. */
export function print(text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length && !isClosed;) {
    try {
      at += writeSync(1, bytes.subarray(at));
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
      else if (code === "EPIPE") isClosed = true;
      else throw error;
    }
  }
  return !isClosed;
}
