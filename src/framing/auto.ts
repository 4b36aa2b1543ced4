/**
 * The framing `auto`: the first byte decides.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { type ChunkCodec, chunkLimit, type Decoder, type Encoder, type FramingOptions } from "./framing.ts";
import { line } from "./line.ts";
import { message } from "./message.ts";
import type { Chunk } from "./chunk.ts";

/** The framings that `auto` detects. */
export type Detected = "message" | "line";

/** The codec of a connection whose framing is detected by its first byte. */
export interface AutoCodec extends ChunkCodec {
  /** The detected framing; undefined before the first byte. Output before that is sent as lines. */
  readonly detected: Detected | undefined;
}

class Detection {
  detected: Detected | undefined;
  readonly #options: FramingOptions;
  #codec: ChunkCodec | undefined;

  constructor(options: FramingOptions) {
    this.#options = options;
  }

  /** The codec of the detected framing; until then, the one of `line`. */
  get codec(): ChunkCodec {
    return this.#codec ??= line(this.#options);
  }

  /** Detects the framing by the first byte of the stream. */
  decide(byte: number): void {
    // A text message below 16 MiB begins with 0x00, a control message with 0x80. No line of text does.
    this.detected = byte === 0x00 || byte === 0x80 ? "message" : "line";
    if (this.detected === "message") this.#codec = message(this.#options);
  }
}

class AutoDecoder extends Stage<Uint8Array, Chunk> {
  readonly #detection: Detection;
  #inner: Decoder | undefined;

  get chunks(): number {
    return this.#inner?.chunks ?? 0;
  }

  override get begun(): boolean {
    return this.#inner?.begun === true;
  }

  constructor(detection: Detection) {
    super();
    this.#detection = detection;
  }

  push(bytes: Uint8Array, out: Output<Chunk>): void | Promise<void> {
    if (this.#inner === undefined) {
      if (bytes.length === 0) return;
      this.#detection.decide(bytes[0]);
      this.#inner = this.#detection.codec.decoder;
    }
    return this.#inner.push(bytes, out);
  }

  override end(out: Output<Chunk>): void | Promise<void> {
    return this.#inner?.end?.(out);
  }
}

class AutoEncoder extends Stage<Chunk, Uint8Array<ArrayBuffer>> {
  readonly #detection: Detection;
  #inner: Encoder | undefined;
  /** Chunks that were sent as lines before the framing was detected. */
  #before = 0;

  get chunks(): number {
    return this.#before + (this.#inner?.chunks ?? 0);
  }

  constructor(detection: Detection) {
    super();
    this.#detection = detection;
  }

  push(chunk: Chunk, out: Output<Uint8Array<ArrayBuffer>>): void | Promise<void> {
    const { encoder } = this.#detection.codec;
    if (this.#inner !== encoder) {
      this.#inner?.flush?.(out);
      this.#before = this.chunks;
      this.#inner = encoder;
    }
    return encoder.push(chunk, out);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#inner?.flush?.(out);
  }

  override end(out: Output<Uint8Array<ArrayBuffer>>): void | Promise<void> {
    return this.#inner?.end?.(out);
  }
}

/**
 * The framing `auto`: a first byte of 0x00 or 0x80 means `message`, any other `line`. Output before the first byte is
 * sent as lines; if messages are detected then, the output changes to messages.
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
  chunkLimit(options); // throws now rather than at the first byte
  const detection = new Detection(options);
  return {
    decoder: new AutoDecoder(detection),
    encoder: new AutoEncoder(detection),
    get detected() {
      return detection.detected;
    },
  };
}
