/**
 * The framing `raw`: bytes as they are, RFC 862.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { chunkLimit, type Codec, type FramingOptions } from "./framing.ts";
import { Chunk } from "./chunk.ts";
import { SpanJoiner } from "./span_joiner.ts";

/** Cuts bytes into chunks of one endless message of kind `data`. */
export class RawDecoder extends Stage<Uint8Array, Chunk> {
  /** Chunks made so far. */
  chunks = 0;
  readonly #limit: number;
  #first = true;

  /** Makes a decoder. Throws `invalid-argument` for a chunk that is not from 1 to 16,777,216 bytes. */
  constructor(options?: FramingOptions) {
    super();
    this.#limit = chunkLimit(options);
  }

  push(bytes: Uint8Array, out: Output<Chunk>): void {
    for (let start = 0; start < bytes.length;) {
      const end = Math.min(start + this.#limit, bytes.length);
      this.chunks++;
      out.push(new Chunk(bytes, start, end, "data", this.#first, false, undefined));
      this.#first = false;
      start = end;
    }
  }
}

/** Sends the bytes of chunks as they are, neighbours in one piece: the encoder of `raw` and of `line`. */
export class BytesEncoder extends Stage<Chunk, Uint8Array> {
  /** Chunks sent so far. */
  chunks = 0;
  readonly #spans = new SpanJoiner();

  push(chunk: Chunk, out: Output<Uint8Array>): void {
    this.chunks++;
    this.#spans.add(chunk.source, chunk.start, chunk.end, out);
  }

  override flush(out: Output<Uint8Array>): void {
    this.#spans.flush(out);
  }
}

/**
 * The framing `raw`: what is read comes in chunks, what is sent leaves as it is. Nothing is a command.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { raw } from "echopipe";
 *
 * const { decoder } = raw({ chunkSize: 2 });
 * const sizes = [];
 * for await (const chunk of decoder.over([new Uint8Array(5)])) sizes.push(chunk.length);
 * assert.deepEqual(sizes, [2, 2, 1]);
 * ```
 */
export function raw(options?: FramingOptions): Codec {
  return { decoder: new RawDecoder(options), encoder: new BytesEncoder() };
}
