/**
 * Chunks: the pieces of messages that handlers see.
 *
 * @module
 */
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** Kind of a message: `text` and `data` belong to the user, `control` is between client and server. */
export type Kind = "text" | "data" | "control";

/**
 * A piece of a message, at most as large as the decoder's chunk limit. It refers to the bytes that were read and does
 * not copy them: they are valid only until the handler's `push` is done.
 *
 * {@linkcode Chunk.bytes} makes a new view each time. Echo never needs it, and saves it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Chunk } from "echopipe";
 *
 * const hello = Chunk.text("hello");
 * assert.deepEqual(hello.size, 5);
 * assert.deepEqual(hello.toText(), "hello");
 * ```
 */
export class Chunk {
  /** The buffer that the chunk is a part of. */
  readonly source: Uint8Array;
  /** Index in `source` of the first byte. */
  readonly start: number;
  /** Index in `source` after the last byte; equal to `start` in the only chunk of an empty message. */
  readonly end: number;
  /** Kind of the message. */
  readonly kind: Kind;
  /** True for the first chunk of a message. */
  readonly first: boolean;
  /** True for the last chunk of a message. */
  readonly last: boolean;
  /** Length of the whole message in bytes; undefined where the framing does not announce it. */
  readonly size: number | undefined;

  /** Makes a chunk of `source` from `start` (inclusive) to `end` (exclusive). */
  constructor(
    source: Uint8Array,
    start: number,
    end: number,
    kind: Kind,
    first: boolean,
    last: boolean,
    size: number | undefined,
  ) {
    this.source = source;
    this.start = start;
    this.end = end;
    this.kind = kind;
    this.first = first;
    this.last = last;
    this.size = size;
  }

  /** Number of bytes in the chunk. */
  get length(): number {
    return this.end - this.start;
  }

  /** The bytes, as a view. */
  get bytes(): Uint8Array {
    return this.source.subarray(this.start, this.end);
  }

  /** Makes the only chunk of a message. */
  static whole(bytes: Uint8Array, kind: Kind = "data"): Chunk {
    return new Chunk(bytes, 0, bytes.length, kind, true, true, bytes.length);
  }

  /**
   * Makes the only chunk of a text message, in UTF-8.
   *
   * @throws {EchopipeError} `invalid-text` for half a surrogate pair
   */
  static text(text: string): Chunk {
    return Chunk.whole(encodeUtf8(text), "text");
  }

  /**
   * Decodes the chunk as UTF-8. A message in several chunks may be cut inside a character: see {@linkcode messages}.
   *
   * @throws {EchopipeError} `invalid-text` if it is not UTF-8
   */
  toText(): string {
    return decodeUtf8(this.bytes);
  }
}
