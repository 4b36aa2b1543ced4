/**
 * Messages of one fixed length.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { Batch } from "./batch.ts";
import type { Codec } from "./framing.ts";
import { Gather } from "./gather.ts";
import { checkBytes } from "../stage/items.ts";

class FixedDecoder extends Stage<Uint8Array, Uint8Array> {
  readonly #size: number;
  readonly #held = new Gather();
  #position = 0;

  constructor(size: number) {
    super();
    this.#size = size;
  }

  /** A message was begun, and waits for more bytes. */
  override get begun(): boolean {
    return this.#held.length > 0;
  }

  push(bytes: Uint8Array, out: Output<Uint8Array>): void {
    const size = this.#size;
    const { buffer, byteOffset, length } = bytes;
    let at = 0;
    if (this.#held.length > 0) {
      at = Math.min(size - this.#held.length, length);
      this.#held.add(bytes, 0, at, size);
      if (this.#held.length === size) out.push(this.#held.take());
    }
    for (; at + size <= length; at += size) out.push(new Uint8Array(buffer, byteOffset + at, size));
    if (at < length) this.#held.add(bytes, at, length, size);
    this.#position += length;
  }

  override end(): void {
    const { length } = this.#held;
    if (length === 0) return;
    throw new EchopipeError(
      "truncated",
      `Cannot read a message: the stream ended at byte ${this.#position}, after ${length} of its bytes; ` +
        `expected ${this.#size}`,
      { position: this.#position, received: length, expected: this.#size },
    );
  }
}

class FixedEncoder extends Stage<Uint8Array, Uint8Array<ArrayBuffer>> {
  readonly #size: number;
  readonly #batch = new Batch();

  constructor(size: number) {
    super();
    this.#size = size;
  }

  push(item: Uint8Array, out: Output<Uint8Array<ArrayBuffer>>): void {
    checkBytes(item);
    const { length } = item;
    if (length !== this.#size) {
      throw new EchopipeError(
        "invalid-argument",
        `Cannot send a message: it has ${length} bytes; expected ${this.#size}`,
        { received: length, expected: this.#size },
      );
    }
    this.#batch.add(item, out);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#batch.flush(out);
  }
}

/**
 * A codec of messages of exactly `size` bytes, with nothing between them. They are views, valid until the handler's `push`
 * is done: to keep one, copy it with `slice()`.
 *
 * The decoder throws `truncated` where the stream ends inside a message, the encoder `invalid-argument` for an item that is
 * not a `Uint8Array` of that length.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fixed } from "echopipe";
 *
 * const { decoder } = fixed(2);
 * const reads = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];
 * assert.deepEqual(await Array.fromAsync(decoder.over(reads), (pair) => [...pair]), [[1, 2], [3, 4]]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a size that is not from 1 to 2^30 - 1
 */
export function fixed(size: number): Codec<Uint8Array> {
  checkInteger("size", size, 1, 2 ** 30 - 1);
  return { decoder: new FixedDecoder(size), encoder: new FixedEncoder(size) };
}
