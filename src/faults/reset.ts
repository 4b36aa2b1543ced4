/**
 * A fault: the connection breaks.
 *
 * @module
 */
import { type Output, type Stage, stage } from "../stage/stage.ts";
import { checkBytes } from "./check.ts";
import { OnPurpose } from "./on_purpose.ts";

/**
 * A fault: after so many bytes, from 0, the stream fails with an error of code `reset`. A server that is told of faults
 * resets the connection then (RST); in a chain of one's own, call `connection.reset()` for such a failure.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { reset } from "echopipe/faults";
 *
 * const read = Array.fromAsync(reset(3).over([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]));
 * await assert.rejects(read, { code: "reset" });
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a number below 0
 */
export function reset(bytes: number): Stage<Uint8Array, Uint8Array> {
  let left = checkBytes("reset", bytes, 0);
  const check = () => {
    if (left > 0) return;
    throw new OnPurpose("reset", `Cannot go on: reset on purpose after ${bytes} bytes`, { limit: bytes });
  };
  return stage<Uint8Array, Uint8Array>({
    start: check,
    push(piece: Uint8Array, out: Output<Uint8Array>) {
      const passed = piece.subarray(0, left);
      left -= passed.length;
      out.push(passed);
      check();
    },
  });
}
