/**
 * Decodes messages with their length in front.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { chunkLimit, type FramingOptions } from "./framing.ts";
import type { Header } from "./header.ts";
import { Chunk, type Kind } from "./chunk.ts";

/** The limits of a decoder. */
export interface PrefixDecoderOptions extends FramingOptions {
  /** The longest payload in bytes. Default: the longest that the header can announce. */
  readonly limit?: number;
  /** The longest `control` message in bytes; these are then decoded whole. Default: they are decoded into chunks. */
  readonly controlLimit?: number;
}

/**
 * Decodes bytes into chunks of messages.
 *
 * ```text
 * header --complete--> payload --complete--> header
 *    |                    |
 *  end: clean only       end: truncated
 *  before its first byte
 * ```
 */
export class PrefixDecoder extends Stage<Uint8Array, Chunk> {
  /** Chunks made so far. */
  chunks = 0;
  readonly #header: Header;
  readonly #chunkSize: number;
  readonly #limit: number;
  readonly #controlLimit: number;
  /** The bytes so far of a header that arrives in pieces; made for the first such header. */
  #partial: Uint8Array | undefined;
  #partialLength = 0;
  /** The bytes so far of a message that is decoded whole. */
  #whole: Uint8Array | undefined;
  #kind: Kind = "text";
  #size = 0;
  /** Missing bytes of the payload; -1 while the header is read. */
  #rest = -1;
  /** Position in the stream of the bytes at hand. */
  #position = 0;

  /** Makes a decoder. Throws `invalid-argument` for a chunk that is not from 1 to 16,777,216 bytes. */
  constructor(header: Header, options: PrefixDecoderOptions = {}) {
    super();
    this.#header = header;
    this.#chunkSize = chunkLimit(options);
    this.#limit = options.limit ?? header.max;
    this.#controlLimit = options.controlLimit ?? -1;
  }

  override get begun(): boolean {
    return this.#rest >= 0 || this.#partialLength > 0;
  }

  push(bytes: Uint8Array, out: Output<Chunk>): void {
    for (let at = 0; at < bytes.length;) {
      at = this.#rest < 0 ? this.#readHeader(bytes, at, out) : this.#readPayload(bytes, at, out);
    }
    this.#position += bytes.length;
  }

  override end(): void {
    const { width } = this.#header;
    if (this.#partialLength > 0) {
      throw this.#truncated("header", this.#partialLength, width);
    }
    if (this.#rest >= 0) throw this.#truncated("payload", this.#size - this.#rest, this.#size);
  }

  #readHeader(bytes: Uint8Array, at: number, out: Output<Chunk>): number {
    const { width } = this.#header;
    if (this.#partialLength === 0 && bytes.length - at >= width) {
      this.#open(bytes, at, at);
      at += width;
    } else {
      const count = Math.min(width - this.#partialLength, bytes.length - at);
      const partial = this.#partial ??= new Uint8Array(width);
      for (let i = 0; i < count; i++) partial[this.#partialLength + i] = bytes[at + i];
      this.#partialLength += count;
      at += count;
      if (this.#partialLength < width) return at;
      this.#partialLength = 0;
      this.#open(partial, 0, at - width);
    }
    if (this.#size === 0) {
      this.#rest = -1;
      this.chunks++;
      out.push(new Chunk(bytes, at, at, this.#kind, true, true, 0));
    }
    return at;
  }

  /** Begins a message. `at` is the index of its header in the bytes at hand; negative if it began in earlier ones. */
  #open(header: Uint8Array, headerAt: number, at: number): void {
    const position = this.#position + at;
    try {
      this.#size = this.#header.sizeAt(header, headerAt);
      this.#kind = this.#header.kindAt(header, headerAt);
    } catch (cause) {
      throw new EchopipeError("protocol", `${messageOf(cause)}, at byte ${position} of the stream`, {
        ...(cause instanceof EchopipeError && { received: cause.received, expected: cause.expected }),
        position,
        cause,
      });
    }
    const whole = this.#kind === "control" && this.#controlLimit >= 0;
    const limit = whole ? this.#controlLimit : this.#limit;
    if (this.#size > limit) {
      throw new EchopipeError(
        "too-large",
        `Cannot read a ${this.#kind} message at byte ${position} of the stream: ` +
          `its header promises ${this.#size} bytes, the limit is ${limit}`,
        { position, received: this.#size, limit },
      );
    }
    this.#rest = this.#size;
    if (whole && this.#size > 0) this.#whole = new Uint8Array(this.#size);
  }

  #readPayload(bytes: Uint8Array, at: number, out: Output<Chunk>): number {
    const before = this.#size - this.#rest;
    if (this.#whole !== undefined) return this.#readWhole(this.#whole, before, bytes, at, out);
    const end = Math.min(at + this.#chunkSize, at + this.#rest, bytes.length);
    const rest = this.#rest - (end - at);
    this.#rest = rest === 0 ? -1 : rest;
    this.chunks++;
    out.push(new Chunk(bytes, at, end, this.#kind, before === 0, rest === 0, this.#size));
    return end;
  }

  #readWhole(whole: Uint8Array, before: number, bytes: Uint8Array, at: number, out: Output<Chunk>): number {
    const end = Math.min(at + this.#rest, bytes.length);
    whole.set(bytes.subarray(at, end), before);
    this.#rest -= end - at;
    if (this.#rest === 0) {
      this.#rest = -1;
      this.#whole = undefined;
      this.chunks++;
      out.push(Chunk.whole(whole, this.#kind));
    }
    return end;
  }

  #truncated(part: string, received: number, expected: number): EchopipeError {
    return new EchopipeError(
      "truncated",
      `Cannot read a message: the stream ended at byte ${this.#position}, ` +
        `after ${received} of the ${expected} bytes of a ${part}`,
      { position: this.#position, received, expected },
    );
  }
}
