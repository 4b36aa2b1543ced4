/**
 * Echo.
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
 * A handler that returns everything as it came: RFC 862, whatever the framing.
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
