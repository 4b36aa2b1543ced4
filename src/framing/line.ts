/**
 * The framing `line`: text for people with `nc` or telnet.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { type ChunkCodec, chunkLimit, type FramingOptions } from "./framing.ts";
import { Chunk } from "./chunk.ts";
import { BytesEncoder } from "./raw.ts";

const NEWLINE = 0x0a;

/**
 * Decodes bytes into chunks of lines. A line ends with `\n`, which belongs to it, as does a `\r` before it; a `\r`
 * alone does not end a line. Lines may be of any length. Where the stream ends inside a line, that line has no `last`
 * chunk.
 */
export class LineDecoder extends Stage<Uint8Array, Chunk> {
  /** Chunks made so far. */
  chunks = 0;
  readonly #limit: number;
  #first = true;

  /** Makes a decoder. Throws `invalid-argument` for a chunk that is not from 1 to 16,777,216 bytes. */
  constructor(options?: FramingOptions) {
    super();
    this.#limit = chunkLimit(options);
  }

  override get begun(): boolean {
    return !this.#first;
  }

  push(bytes: Uint8Array, out: Output<Chunk>): void {
    let lineEnd = -1;
    for (let start = 0; start < bytes.length;) {
      if (lineEnd <= start) {
        const at = bytes.indexOf(NEWLINE, start);
        lineEnd = at < 0 ? Infinity : at + 1;
      }
      const end = Math.min(start + this.#limit, lineEnd, bytes.length);
      const last = end === lineEnd;
      this.chunks++;
      out.push(new Chunk(bytes, start, end, "text", this.#first, last, undefined));
      this.#first = last;
      start = end;
    }
  }
}

/**
 * The framing `line`: input is decoded into chunks of lines, output is sent as it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { line } from "echopipe";
 *
 * const { decoder } = line();
 * const lines = [];
 * for await (const chunk of decoder.over([new TextEncoder().encode("one\ntwo\nthr")])) {
 *   lines.push([new TextDecoder().decode(chunk.bytes), chunk.last]);
 * }
 * assert.deepEqual(lines, [["one\n", true], ["two\n", true], ["thr", false]]);
 * ```
 */
export function line(options?: FramingOptions): ChunkCodec {
  return { decoder: new LineDecoder(options), encoder: new BytesEncoder() };
}
