/**
 * The command `exit`.
 *
 * @module
 */
import type { Chunk } from "../framing/chunk.ts";
import type { Stage } from "../stage/stage.ts";
import { commands } from "./commands.ts";

/**
 * A stage that ends the stream at the command `exit`: everything before it is delivered, nothing after it is read.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { exit, Chunk } from "echopipe";
 *
 * const seen = await Array.fromAsync(exit().over(["one", "exit", "two"].map(Chunk.text)));
 * assert.deepEqual(seen.length, 1);
 * ```
 */
export function exit(): Stage<Chunk, Chunk> {
  return commands({ exit: (out) => out.end() });
}
