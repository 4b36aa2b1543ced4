/**
 * The framing `auto`: the first bytes decide.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import type { Chunk } from "./chunk.ts";
import { type Detected, Detection } from "./detection.ts";
import { type ChunkCodec, chunkLimit, type Decoder, type Encoder, type FramingOptions } from "./framing.ts";
import { httpFound, RequestLine } from "./http_request.ts";
import { websocket, type WebSocketCodec } from "./websocket/websocket.ts";
import type { WebSocketOptions } from "./websocket/options.ts";

/** The options of {@linkcode auto}; each has a default. */
export interface AutoOptions extends FramingOptions {
  /** Speaks WebSocket, and answers HTTP requests. Default: an HTTP request is a protocol error. */
  readonly webSocket?: WebSocketOptions;
}

/** The codec of a connection whose framing is detected by its first bytes. */
export interface AutoCodec extends ChunkCodec {
  /** The detected framing; undefined before that. Output before that is sent as lines. */
  readonly detected: Detected | undefined;
  /** The codec of WebSocket, where an HTTP request was detected and is answered. */
  readonly webSocket: WebSocketCodec | undefined;
}

const GET = new TextEncoder().encode("GET ");
/** The longest beginning of a line that is held back, as it may be a request. */
const MAX_HELD = 8192;
const EMPTY = new Uint8Array(0);

class AutoDecoder extends Stage<Uint8Array, Chunk> {
  readonly #detection: Detection;
  #inner: Decoder | undefined;
  /** Looks for a request in the first line, until it is known whether it is one. */
  #request: RequestLine | undefined = new RequestLine();
  /** The beginning of a line that may be a request. */
  #held: Uint8Array = EMPTY;

  get chunks(): number {
    return this.#inner?.chunks ?? 0;
  }

  override get begun(): boolean {
    return this.#inner?.begun ?? this.#held.length > 0;
  }

  constructor(detection: Detection) {
    super();
    this.#detection = detection;
  }

  push(bytes: Uint8Array, out: Output<Chunk>): void | Promise<void> {
    if (this.#inner !== undefined) {
      if (this.#request !== undefined) this.#guard(this.#request, bytes);
      return this.#inner.push(bytes, out);
    }
    if (bytes.length === 0) return;
    const begins = this.#held.length === 0;
    // A text message below 16 MiB begins with 0x00, a control message with 0x80. No line of text does.
    if (begins && (bytes[0] === 0x00 || bytes[0] === 0x80)) return this.#decide("message", bytes, out);
    const isRequest = this.#request!.take(bytes);
    const all = begins ? bytes : join(this.#held, bytes);
    this.#held = EMPTY;
    if (isRequest) return this.#decide("http", all, out);
    if (isRequest === undefined && mayBeGet(all) && all.length <= MAX_HELD) {
      this.#held = begins ? bytes.slice() : all;
      return;
    }
    if (isRequest === false) this.#request = undefined;
    return this.#decide("line", all, out);
  }

  override end(out: Output<Chunk>): void | Promise<void> {
    if (this.#held.length > 0) {
      this.#request = undefined;
      void this.#decide("line", this.#held, out);
    }
    return this.#inner?.end?.(out);
  }

  #decide(detected: "message" | "line" | "http", bytes: Uint8Array, out: Output<Chunk>): void | Promise<void> {
    if (detected !== "line") this.#request = undefined;
    this.#held = EMPTY;
    this.#detection.decide(detected);
    if (detected === "http" && !this.#detection.speaksHttp) throw httpFound();
    this.#inner = this.#detection.codec.decoder;
    return this.#inner.push(bytes, out);
  }

  /** A request whose beginning went on as text is refused. */
  #guard(request: RequestLine, bytes: Uint8Array): void {
    const isRequest = request.take(bytes);
    if (isRequest === undefined) return;
    this.#request = undefined;
    if (!isRequest) return;
    this.#detection.refuse();
    throw httpFound();
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

  override start(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#detection.out = out;
  }

  push(chunk: Chunk, out: Output<Uint8Array<ArrayBuffer>>): void | Promise<void> {
    this.#follow(out);
    return this.#inner!.push(chunk, out);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#inner?.flush?.(out);
  }

  override end(out: Output<Uint8Array<ArrayBuffer>>): void | Promise<void> {
    if (this.#detection.detected !== undefined) this.#follow(out);
    return this.#inner?.end?.(out);
  }

  /** Goes over to the encoder of the detected framing. */
  #follow(out: Output<Uint8Array<ArrayBuffer>>): void {
    const { encoder } = this.#detection.codec;
    if (this.#inner === encoder) return;
    this.#inner?.flush?.(out);
    this.#before = this.chunks;
    this.#inner = encoder;
  }
}

function mayBeGet(bytes: Uint8Array): boolean {
  return GET.every((letter, i) => i >= bytes.length || bytes[i] === letter);
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/**
 * The framing `auto`: a first byte of 0x00 or 0x80 means `message`, a first line that is an HTTP request WebSocket or an
 * answer to that request, any other `line`. Output before the first byte is sent as lines; if messages are detected then,
 * the output changes to messages.
 *
 * Only a line that begins with `GET ` is held back until it is known whether it is a request, up to 8 KiB. A request of
 * another method whose first line comes in pieces, and any request where the option `webSocket` is not given, is an error
 * of code `protocol`: any web page can make a browser send one, followed by lines of the page's choice.
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
export function auto(options: AutoOptions = {}): AutoCodec {
  chunkLimit(options); // throws now rather than at the first byte
  const { webSocket } = options;
  const detection = new Detection(options, webSocket && (() => websocket({ ...options, ...webSocket })));
  return {
    decoder: new AutoDecoder(detection),
    encoder: new AutoEncoder(detection),
    get detected() {
      return detection.detected;
    },
    get webSocket() {
      return detection.webSocket;
    },
  };
}

export type { Detected };
