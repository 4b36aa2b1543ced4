/**
 * Chunking: cuts bytes into pieces of limited size.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { chunkLimit } from "./framing.ts";

class Chunks extends Stage<Uint8Array, Uint8Array> {
  readonly #limit: number;

  constructor(limit: number | undefined) {
    super();
    this.#limit = chunkLimit({ chunkSize: limit });
  }

  push(bytes: Uint8Array, out: Output<Uint8Array>): void {
    if (bytes.length <= this.#limit) {
      if (bytes.length > 0) out.push(bytes);
      return;
    }
    for (let start = 0; start < bytes.length; start += this.#limit) {
      out.push(bytes.subarray(start, start + this.#limit));
    }
  }
}

/**
 * A stage that cuts bytes into views of at most `limit` bytes (default 1024), never empty. It never waits for more
 * bytes, and the pieces add up to the input.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chunks } from "echopipe";
 *
 * const source = ReadableStream.from([new Uint8Array(2500)]);
 * const sizes = await Array.fromAsync(source.pipeThrough(chunks()), (chunk) => chunk.length);
 * assert.deepEqual(sizes, [1024, 1024, 452]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` if the limit is not from 1 to 16,777,216
 */
export function chunks(limit?: number): Stage<Uint8Array, Uint8Array> {
  return new Chunks(limit);
}
