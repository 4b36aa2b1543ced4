/**
 * A fault: nothing more comes, and the connection stays open.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { checkBytes, checkNumber } from "./check.ts";
import { OnPurpose } from "./on_purpose.ts";
import { Pause } from "./pause.ts";

/** Options of {@linkcode stall}. */
export interface StallOptions {
  /** Time for which the stream stays open once its source has ended, in milliseconds. Default 600,000: ten minutes. */
  readonly maxMs?: number;
}

class Stall extends Stage<Uint8Array, Uint8Array> {
  readonly #bytes: number;
  readonly #maxMs: number;
  readonly #pause = new Pause();
  #left: number;

  constructor(bytes: number, { maxMs = 600_000 }: StallOptions) {
    super();
    this.#left = this.#bytes = checkBytes("stall", bytes, 0);
    this.#maxMs = checkNumber("maxMs", maxMs, 0, 86_400_000, "milliseconds");
  }

  push(bytes: Uint8Array, out: Output<Uint8Array>): void {
    if (this.#left === 0) return;
    const passed = bytes.subarray(0, this.#left);
    this.#left -= passed.length;
    out.push(passed);
  }

  override end(): Promise<void> | undefined {
    return this.#left > 0 ? undefined : this.#stay();
  }

  override cancel(): void {
    this.#pause.stop();
  }

  async #stay(): Promise<void> {
    await this.#pause.wait(this.#maxMs);
    throw new OnPurpose("timed-out", `Cannot go on: stalled on purpose after ${this.#bytes} bytes`);
  }
}

/**
 * A fault: after so many bytes, from 0, nothing more comes. What follows is read and thrown away, and the stream does not
 * end with its source: it fails with `timed-out` ten minutes after that.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stall } from "echopipe/faults";
 *
 * const read = Array.fromAsync(stall(3, { maxMs: 20 }).over([Uint8Array.of(1, 2, 3, 4)]));
 * await assert.rejects(read, { code: "timed-out" });
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a number below 0
 */
export function stall(bytes: number, options: StallOptions = {}): Stage<Uint8Array, Uint8Array> {
  return new Stall(bytes, options);
}
