/**
 * Standard input and output on Deno.
 *
 * @module
 */
import { fstatSync } from "node:fs";
import { BlockSource } from "./block_source.ts";
import type { Stdio } from "./stdio.ts";
import { systemError } from "./system_error.ts";

/** The standard streams of the process. */
export function stdio(): Stdio {
  // A file never keeps its reader or writer waiting, and a call on this thread costs less than one on another. A pipe or a
  // terminal may wait for ever: signals and time-outs must go on meanwhile.
  const [fileIn, fileOut] = [isFile(0), isFile(1)];
  return {
    stdin: new BlockSource(async (room) => {
      try {
        return fileIn ? Deno.stdin.readSync(room) : await Deno.stdin.read(room);
      } catch (error) {
        throw systemError("Cannot read standard input", error);
      }
    }),
    stdout: {
      async write(bytes) {
        try {
          for (let at = 0; at < bytes.length;) {
            const rest = at === 0 ? bytes : bytes.subarray(at);
            at += fileOut ? Deno.stdout.writeSync(rest) : await Deno.stdout.write(rest);
          }
        } catch (error) {
          throw systemError("Cannot write standard output", error);
        }
      },
      endWrite: () => Promise.resolve(),
      abort() {},
    },
  };
}

/** Whether a descriptor is a file, or `/dev/null`. */
function isFile(descriptor: number): boolean {
  try {
    const info = fstatSync(descriptor);
    return info.isFile() || (info.isCharacterDevice() && !(descriptor === 0 ? Deno.stdin : Deno.stdout).isTerminal());
  } catch {
    return false; // it is closed: using it says so
  }
}
