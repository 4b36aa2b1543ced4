/**
 * The discard handler.
 *
 * @module
 */
import { Chunk } from "../framing/chunk.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { isAnswer } from "./answer.ts";

class Discard<T> extends Stage<T, T> {
  push(item: T, out: Output<T>): void {
    if (item instanceof Chunk && isAnswer(item)) out.push(item); // from an earlier stage, not from the client
  }
}

/**
 * A handler that throws everything away and never answers, as in RFC 863, with any framing. It ends when its input ends.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { discard } from "echopipe";
 *
 * assert.deepEqual(await Array.fromAsync(discard<string>().over(["hello"])), []);
 * ```
 */
export function discard<T>(): Stage<T, T> {
  return new Discard<T>();
}
