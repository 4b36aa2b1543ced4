/**
 * What handlers see: a piece of a message.
 *
 * @module
 */
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** What a message is: `text` and `data` are the peers' own, `control` is between client and server. */
export type Kind = "text" | "data" | "control";

/**
 * A piece of a message, at most as large as the decoder's chunk limit. It is a view into what was read, not a copy:
 * its bytes stay as they are only until the handler's `push` is done.
 *
 * The view itself is made when {@linkcode Chunk.bytes} is asked for, a new one each time: echo never does, and saves it.
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
  /** The bytes this chunk is cut from. */
  readonly source: Uint8Array;
  /** Where in `source` it begins. */
  readonly start: number;
  /** Where in `source` it ends; equal to `start` in the one chunk of an empty message. */
  readonly end: number;
  /** What the message is. */
  readonly kind: Kind;
  /** Whether the message begins here. */
  readonly first: boolean;
  /** Whether the message ends here. */
  readonly last: boolean;
  /** The length of the whole message in bytes; undefined where the framing does not tell beforehand. */
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

  /** How many bytes the chunk has. */
  get length(): number {
    return this.end - this.start;
  }

  /** The chunk as a view. */
  get bytes(): Uint8Array {
    return this.source.subarray(this.start, this.end);
  }

  /** A whole message of one chunk. */
  static whole(bytes: Uint8Array, kind: Kind = "data"): Chunk {
    return new Chunk(bytes, 0, bytes.length, kind, true, true, bytes.length);
  }

  /**
   * A whole text message, as UTF-8.
   *
   * @throws {EchopipeError} `invalid-text` for half a surrogate pair
   */
  static text(text: string): Chunk {
    return Chunk.whole(encodeUtf8(text), "text");
  }

  /**
   * The chunk as text. Of a message in several chunks a character may be cut: see {@linkcode messages}.
   *
   * @throws {EchopipeError} `invalid-text` if it is not UTF-8
   */
  toText(): string {
    return decodeUtf8(this.bytes);
  }
}
