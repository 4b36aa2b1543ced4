/**
 * Standard input and output on Deno.
 *
 * @module
 */
import { BlockSource } from "./block_source.ts";
import type { Stdio } from "./stdio.ts";
import { systemError } from "./system_error.ts";

/** The standard streams of the process. */
export function stdio(): Stdio {
  return {
    stdin: new BlockSource(async (room) => {
      try {
        return await Deno.stdin.read(room);
      } catch (error) {
        throw systemError("Cannot read standard input", error);
      }
    }),
    stdout: {
      async write(bytes) {
        try {
          for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
        } catch (error) {
          throw systemError("Cannot write standard output", error);
        }
      },
      endWrite: () => Promise.resolve(),
      abort() {},
    },
  };
}
