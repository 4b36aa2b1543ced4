/**
 * Standard input and output on Deno.
 *
 * @module
 */
import { BlockSource } from "../../pipe/block_source.ts";
import { isPlainFile } from "../plain_file.ts";
import type { Stdio } from "../stdio.ts";
import { systemError } from "../system_error.ts";

/** The standard streams of the process. */
export function stdio(): Stdio {
  const fileIn = isPlainFile(0);
  const fileOut = isPlainFile(1);
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

/** Writes to standard error. */
export async function writeError(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await Deno.stderr.write(bytes.subarray(at));
}
