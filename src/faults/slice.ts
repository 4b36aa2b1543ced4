/**
 * A fault: bytes arrive in small pieces.
 *
 * @module
 */
import { type Output, type Stage, stage } from "../stage/stage.ts";
import { checkBytes } from "./check.ts";

/**
 * A fault: at most so many bytes leave in one write, from 1. The next piece waits until the one before is written. The
 * system may still join pieces that the peer is slow to read.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { slice } from "echopipe/faults";
 *
 * const pieces = await Array.fromAsync(slice(3).over([Uint8Array.of(1, 2, 3, 4, 5)]), (piece) => [...piece]);
 * assert.deepEqual(pieces, [[1, 2, 3], [4, 5]]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a size below 1
 */
export function slice(size: number): Stage<Uint8Array, Uint8Array> {
  checkBytes("slice", size, 1);
  return stage(async (bytes: Uint8Array, out: Output<Uint8Array>) => {
    for (let at = 0; at < bytes.length; at += size) {
      out.push(bytes.subarray(at, at + size));
      await out.flush();
    }
  });
}
