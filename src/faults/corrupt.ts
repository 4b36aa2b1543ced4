/**
 * A fault: some bytes arrive changed.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { checkNumber } from "./check.ts";

/** Options of {@linkcode corrupt}. */
export interface CorruptOptions {
  /** The same seed changes the same bytes in the same way. Default: a random one. */
  readonly seed?: number;
}

/** A source of numbers from 0 (inclusive) to 1 (exclusive), which repeats for a seed: a counter through an integer hash. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = state + 0x9e3779b9 >>> 0;
    let hash = Math.imul(state ^ state >>> 16, 0x85ebca6b);
    hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
    return ((hash ^ hash >>> 16) >>> 0) / 2 ** 32;
  };
}

class Corrupt extends Stage<Uint8Array, Uint8Array> {
  readonly #probability: number;
  readonly #random: () => number;
  /** Bytes that pass before the next is changed. */
  #gap: number;

  constructor(probability: number, seed: number) {
    super();
    this.#probability = checkNumber("corrupt", probability, 0, 1, "as the probability for a byte");
    this.#random = randomFrom(seed);
    this.#gap = this.#nextGap();
  }

  push(bytes: Uint8Array, out: Output<Uint8Array>): void {
    let passed = bytes;
    let at = this.#gap;
    for (; at < bytes.length; at += 1 + this.#nextGap()) {
      if (passed === bytes) passed = bytes.slice(); // the bytes of others are not changed
      passed[at] ^= 1 << Math.floor(8 * this.#random());
    }
    this.#gap = at - bytes.length;
    out.push(passed);
  }

  /** A gap of geometric distribution: one number for each change, not for each byte. */
  #nextGap(): number {
    if (this.#probability === 0) return Infinity;
    if (this.#probability === 1) return 0;
    return Math.floor(Math.log(1 - this.#random()) / Math.log1p(-this.#probability));
  }
}

/**
 * A fault: each byte has one bit flipped with the given probability, 0 to 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { corrupt } from "echopipe/faults";
 *
 * const changed = async () => await Array.fromAsync(corrupt(0.5, { seed: 1 }).over([new Uint8Array(100)]));
 * assert.notDeepEqual(await changed(), [new Uint8Array(100)]);
 * assert.deepEqual(await changed(), await changed());
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a probability out of its range
 */
export function corrupt(probability: number, options: CorruptOptions = {}): Stage<Uint8Array, Uint8Array> {
  return new Corrupt(probability, options.seed ?? Math.floor(Math.random() * 2 ** 32));
}
