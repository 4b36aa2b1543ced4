/**
 * The framing `raw`: bytes as they are, as in RFC 862.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { type ChunkCodec, chunkLimit, type FramingOptions } from "./framing.ts";
import { Chunk } from "./chunk.ts";
import { wrongItem } from "../stage/items.ts";
import { SpanJoiner } from "./span_joiner.ts";

/** Decodes bytes into chunks of one endless message of kind `data`. */
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

/** Emits the bytes of chunks as they are, adjacent ones as one view: the encoder of `raw` and `line`. */
export class BytesEncoder extends Stage<Chunk, Uint8Array<ArrayBuffer>> {
  /** Chunks sent so far. */
  chunks = 0;
  readonly #spans = new SpanJoiner();

  push(chunk: Chunk, out: Output<Uint8Array<ArrayBuffer>>): void {
    if (!(chunk instanceof Chunk)) throw wrongItem(chunk, "a Chunk");
    this.chunks++;
    this.#spans.add(chunk.source, chunk.start, chunk.end, out);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#spans.flush(out);
  }
}

/**
 * The framing `raw`: input is cut into chunks, output is sent as it is. There are no commands.
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
export function raw(options?: FramingOptions): ChunkCodec {
  return { decoder: new RawDecoder(options), encoder: new BytesEncoder() };
}
