/**
 * A fault: the stream ends too early.
 *
 * @module
 */
import { type Output, type Stage, stage } from "../stage/stage.ts";
import { checkBytes } from "./check.ts";

/**
 * A fault: after so many bytes, from 0, the stream ends as if it were complete.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cut } from "echopipe/faults";
 *
 * const left = await Array.fromAsync(cut(3).over([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]), (piece) => [...piece]);
 * assert.deepEqual(left, [[1, 2], [3]]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a number below 0
 */
export function cut(bytes: number): Stage<Uint8Array, Uint8Array> {
  let left = checkBytes("cut", bytes, 0);
  const check = (out: Output<Uint8Array>) => left === 0 ? out.end() : undefined;
  return stage<Uint8Array, Uint8Array>({
    start: check,
    push(piece, out) {
      const passed = piece.subarray(0, left);
      left -= passed.length;
      out.push(passed);
      check(out);
    },
  });
}
