/**
 * Exit detection.
 *
 * @module
 */
import type { Portion } from "../framing/portion.ts";
import type { Stage } from "../stage/stage.ts";
import { commands } from "./commands.ts";

/**
 * A stage that ends the stream at the command `exit`: what came before it is delivered, what follows is not read.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { exit, Portion } from "echopipe";
 *
 * const seen = await Array.fromAsync(exit().over(["one", "exit", "two"].map(Portion.text)));
 * assert.deepEqual(seen.length, 1);
 * ```
 */
export function exit(): Stage<Portion, Portion> {
  return commands({ exit: (out) => out.end() });
}
