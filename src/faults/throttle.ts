/**
 * A fault: few bytes a second.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { checkNumber } from "./check.ts";
import { Pause } from "./pause.ts";

/** Pieces a second that long items are cut into, so that bytes flow evenly. */
const PIECES_PER_SECOND = 50;
/** The largest piece, in bytes. */
const MAX_PIECE = 65_536;

class Throttle extends Stage<Uint8Array, Uint8Array> {
  readonly #bytesPerMs: number;
  readonly #piece: number;
  readonly #pause = new Pause();
  /** The time from which the next piece may pass. */
  #free = 0;

  constructor(bytesPerSecond: number) {
    super();
    this.#bytesPerMs = checkNumber("throttle", bytesPerSecond, 1, 2 ** 40, "bytes a second") / 1000;
    this.#piece = Math.max(1, Math.min(MAX_PIECE, Math.floor(bytesPerSecond / PIECES_PER_SECOND)));
  }

  async push(bytes: Uint8Array, out: Output<Uint8Array>): Promise<void> {
    for (let at = 0; at < bytes.length; at += this.#piece) {
      const piece = bytes.subarray(at, at + this.#piece);
      const wait = this.#free - performance.now();
      if (wait > 0) await this.#pause.wait(wait);
      this.#free = Math.max(this.#free, performance.now() - 1000 / PIECES_PER_SECOND) + piece.length / this.#bytesPerMs;
      out.push(piece);
      await out.flush();
    }
  }

  override cancel(): void {
    this.#pause.stop();
  }
}

/**
 * A fault: at most so many bytes a second pass, from 1, evenly, and the sender waits.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { throttle } from "echopipe/faults";
 *
 * const began = performance.now();
 * await Array.fromAsync(throttle(10_000).over([new Uint8Array(1000)]));
 * assert.ok(performance.now() - began >= 50);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a rate below 1
 */
export function throttle(bytesPerSecond: number): Stage<Uint8Array, Uint8Array> {
  return new Throttle(bytesPerSecond);
}
