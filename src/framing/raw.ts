/**
 * The framing `raw`: bytes as they are, RFC 862.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { type Codec, type FramingOptions, portionLimit } from "./framing.ts";
import { Portion } from "./portion.ts";
import { Run } from "./run.ts";

/** Cuts bytes into portions of one endless message of kind `data`. */
export class RawDecoder extends Stage<Uint8Array, Portion> {
  /** Portions made so far. */
  portions = 0;
  readonly #limit: number;
  #first = true;

  /** Makes a decoder. Throws `invalid-argument` for a portion that is not from 1 to 16,777,216 bytes. */
  constructor(options?: FramingOptions) {
    super();
    this.#limit = portionLimit(options);
  }

  push(bytes: Uint8Array, out: Output<Portion>): void {
    for (let start = 0; start < bytes.length;) {
      const end = Math.min(start + this.#limit, bytes.length);
      this.portions++;
      out.push(new Portion(bytes, start, end, "data", this.#first, false, undefined));
      this.#first = false;
      start = end;
    }
  }
}

/** Sends the bytes of portions as they are, neighbours in one piece: the encoder of `raw` and of `line`. */
export class BytesEncoder extends Stage<Portion, Uint8Array> {
  /** Portions sent so far. */
  portions = 0;
  readonly #run = new Run();

  push(portion: Portion, out: Output<Uint8Array>): void {
    this.portions++;
    this.#run.add(portion.source, portion.start, portion.end, out);
  }

  override flush(out: Output<Uint8Array>): void {
    this.#run.flush(out);
  }
}

/**
 * The framing `raw`: what is read comes in portions, what is sent leaves as it is. Nothing is a command.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { raw } from "echopipe";
 *
 * const { decoder } = raw({ portion: 2 });
 * const sizes = [];
 * for await (const portion of decoder.over([new Uint8Array(5)])) sizes.push(portion.length);
 * assert.deepEqual(sizes, [2, 2, 1]);
 * ```
 */
export function raw(options?: FramingOptions): Codec {
  return { decoder: new RawDecoder(options), encoder: new BytesEncoder() };
}
