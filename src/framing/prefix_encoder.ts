/**
 * Encodes messages with their length in front.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import type { Header } from "./header.ts";
import { Chunk } from "./chunk.ts";
import { wrongItem } from "../stage/items.ts";
import { SpanJoiner } from "./span_joiner.ts";

/** The limits of an encoder. */
export interface PrefixEncoderOptions {
  /** The longest payload in bytes. Default: the longest that the header can announce. */
  readonly limit?: number;
  /** The longest `control` message, in bytes. Default: the same limit as for any other. */
  readonly controlLimit?: number;
}

/**
 * Encodes chunks of messages as bytes.
 *
 * When a message is echoed, the bytes before its first chunk in the same buffer are already the header to send. They
 * are sent from there, so that all headers and payloads of a read leave as one view, without copying.
 */
export class PrefixEncoder extends Stage<Chunk, Uint8Array<ArrayBuffer>> {
  /** Chunks sent so far. */
  chunks = 0;
  readonly #header: Header;
  readonly #limit: number;
  readonly #controlLimit: number;
  readonly #spans = new SpanJoiner();
  /** Buffer for making a header. */
  #scratch: Uint8Array | undefined;
  #size = 0;
  /** Missing bytes of the message; -1 between messages. */
  #rest = -1;

  /** Makes an encoder. */
  constructor(header: Header, { limit = header.max, controlLimit = limit }: PrefixEncoderOptions = {}) {
    super();
    this.#header = header;
    this.#limit = limit;
    this.#controlLimit = controlLimit;
  }

  push(chunk: Chunk, out: Output<Uint8Array<ArrayBuffer>>): void {
    if (!(chunk instanceof Chunk)) throw wrongItem(chunk, "a Chunk");
    const length = chunk.end - chunk.start;
    const rest = (chunk.first ? this.#open(chunk) : this.#continue()) - length;
    if (rest < 0 || (rest === 0) !== chunk.last) {
      throw new EchopipeError(
        "invalid-argument",
        `Cannot send a message: its chunks do not make up the ${this.#size} bytes of its size`,
        { received: this.#size - rest, expected: this.#size },
      );
    }
    this.#rest = chunk.last ? -1 : rest;
    this.chunks++;
    const start = chunk.first ? this.#headerAt(chunk, out) : chunk.start;
    if (chunk.end > start) this.#spans.add(chunk.source, start, chunk.end, out);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#spans.flush(out);
  }

  override end(): void {
    if (this.#rest < 0) return;
    const received = this.#size - this.#rest;
    throw new EchopipeError(
      "truncated",
      `Cannot end here: ${received} of the ${this.#size} bytes of a message are sent`,
      {
        received,
        expected: this.#size,
      },
    );
  }

  #open({ kind, size }: Chunk): number {
    if (this.#rest >= 0) {
      throw new EchopipeError("invalid-argument", "Cannot begin a message: the one before it is not complete");
    }
    if (size === undefined) {
      throw new EchopipeError(
        "invalid-argument",
        "Cannot send a message: its size is not known, and the header tells it",
      );
    }
    const limit = kind === "control" ? this.#controlLimit : this.#limit;
    if (size > limit) {
      throw new EchopipeError(
        "too-large",
        `Cannot send a ${kind} message: it has ${size} bytes, the limit is ${limit}`,
        {
          received: size,
          limit,
        },
      );
    }
    return this.#size = size;
  }

  #continue(): number {
    if (this.#rest < 0) {
      throw new EchopipeError("invalid-argument", "Cannot continue a message: none was begun");
    }
    return this.#rest;
  }

  /**
   * The index to send from: of the header, if it is in place before the first chunk; else of the chunk, after sending a
   * header.
   */
  #headerAt({ source, start, kind }: Chunk, out: Output<Uint8Array<ArrayBuffer>>): number {
    const { width } = this.#header;
    const scratch = this.#scratch ??= new Uint8Array(width);
    this.#header.write(scratch, kind, this.#size);
    const at = start - width;
    let inPlace = at >= 0;
    for (let i = 0; inPlace && i < width; i++) inPlace = source[at + i] === scratch[i];
    if (inPlace) return at;
    this.#spans.add(scratch.slice(), 0, width, out);
    return start;
  }
}
