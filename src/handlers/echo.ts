/**
 * The echo handler.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";

class Echo<T> extends Stage<T, T> {
  override readonly passthrough = true;

  push(item: T, out: Output<T>): void {
    out.push(item);
  }
}

/**
 * A handler that returns everything unchanged, as in RFC 862, with any framing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { echo } from "echopipe";
 *
 * assert.deepEqual(await Array.fromAsync(echo<string>().over(["hello"])), ["hello"]);
 * ```
 */
export function echo<T>(): Stage<T, T> {
  return new Echo<T>();
}
