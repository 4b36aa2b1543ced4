/**
 * The framing `auto`: the first byte decides.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { chunkLimit, type Codec, type Decoder, type Encoder, type FramingOptions } from "./framing.ts";
import { line } from "./line.ts";
import { message } from "./message.ts";
import type { Chunk } from "./chunk.ts";

/** What `auto` can turn out to be. */
export type Detected = "message" | "line";

/** The codec of a connection whose framing is still to be seen. */
export interface AutoCodec extends Codec {
  /** What the framing turned out to be; undefined before the first byte. */
  readonly detected: Detected | undefined;
  /** Decides without a first byte, where the server must speak first. No effect once decided. */
  assume(framing: Detected): void;
}

class Detection {
  readonly #options: FramingOptions;
  detected: Detected | undefined;
  codec: Codec | undefined;

  constructor(options: FramingOptions) {
    this.#options = options;
  }

  assume(framing: Detected): Codec {
    if (this.codec) return this.codec;
    this.detected = framing;
    return this.codec = (framing === "message" ? message : line)(this.#options);
  }
}

class AutoDecoder extends Stage<Uint8Array, Chunk> {
  readonly #detection: Detection;
  #inner: Decoder | undefined;

  get chunks(): number {
    return this.#inner?.chunks ?? 0;
  }

  constructor(detection: Detection) {
    super();
    this.#detection = detection;
  }

  push(bytes: Uint8Array, out: Output<Chunk>): void | Promise<void> {
    if (this.#inner === undefined) {
      if (bytes.length === 0) return;
      // A text message below 16 MiB begins with 0x00, a control message with 0x80; no line of text begins so.
      this.#inner = this.#detection.assume(bytes[0] === 0x00 || bytes[0] === 0x80 ? "message" : "line").decoder;
    }
    return this.#inner.push(bytes, out);
  }

  override end(out: Output<Chunk>): void | Promise<void> {
    return this.#inner?.end?.(out);
  }
}

class AutoEncoder extends Stage<Chunk, Uint8Array> {
  readonly #detection: Detection;
  #inner: Encoder | undefined;

  get chunks(): number {
    return this.#inner?.chunks ?? 0;
  }

  constructor(detection: Detection) {
    super();
    this.#detection = detection;
  }

  push(chunk: Chunk, out: Output<Uint8Array>): void | Promise<void> {
    return (this.#inner ??= this.#detection.assume("line").encoder).push(chunk, out);
  }

  override flush(out: Output<Uint8Array>): void {
    this.#inner?.flush?.(out);
  }

  override end(out: Output<Uint8Array>): void | Promise<void> {
    return this.#inner?.end?.(out);
  }
}

/**
 * The framing `auto`: a first byte of 0x00 or 0x80 means `message`, any other `line`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { auto } from "echopipe";
 *
 * const codec = auto();
 * await Array.fromAsync(codec.decoder.over([new TextEncoder().encode("hello\n")]));
 * assert.deepEqual(codec.detected, "line");
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a chunk out of its range
 */
export function auto(options: FramingOptions = {}): AutoCodec {
  chunkLimit(options); // a wrong one is refused now, not at the first byte
  const detection = new Detection(options);
  return {
    decoder: new AutoDecoder(detection),
    encoder: new AutoEncoder(detection),
    get detected() {
      return detection.detected;
    },
    assume(framing) {
      detection.assume(framing);
    },
  };
}
