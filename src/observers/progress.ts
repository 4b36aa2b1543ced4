/**
 * An observer that reports progress.
 *
 * @module
 */
import { checkInteger } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import type { Observed } from "./observed.ts";

/** The options of {@linkcode progress}. */
export interface ProgressOptions {
  /** The least number of bytes between two reports: 1 to 2^53 - 1. Default 65,536. */
  readonly every?: number;
}

class Progress<T extends Observed> extends Stage<T, T> {
  readonly #report: (bytes: number) => void;
  readonly #every: number;
  #bytes = 0;
  #reported = -1;

  constructor(report: (bytes: number) => void, every: number) {
    super();
    this.#report = report;
    this.#every = every;
  }

  push(item: T, out: Output<T>): void {
    this.#bytes += item.length;
    out.push(item);
    if (this.#bytes - Math.max(this.#reported, 0) >= this.#every) this.#tell();
  }

  override end(): void {
    if (this.#reported !== this.#bytes) this.#tell();
  }

  #tell(): void {
    this.#reported = this.#bytes;
    this.#report(this.#bytes);
  }
}

/**
 * An observer that reports the number of bytes so far: at intervals, and once at the end.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { progress } from "echopipe";
 *
 * const told: number[] = [];
 * const observed = progress((bytes) => told.push(bytes), { every: 100 });
 * await Array.fromAsync(observed.over([60, 60, 60].map((length) => new Uint8Array(length))));
 * assert.deepEqual(told, [120, 180]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for an interval out of its range
 */
export function progress<T extends Observed = Uint8Array>(
  report: (bytes: number) => void,
  { every = 65_536 }: ProgressOptions = {},
): Stage<T, T> {
  return new Progress<T>(report, checkInteger("every", every, 1, Number.MAX_SAFE_INTEGER));
}
