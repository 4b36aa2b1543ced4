/**
 * State that the two halves of the framing `auto` share.
 *
 * @module
 */
import type { Output } from "../stage/stage.ts";
import type { ChunkCodec, FramingOptions } from "./framing.ts";
import { line } from "./line.ts";
import { message } from "./message.ts";
import type { WebSocketCodec } from "./websocket/websocket.ts";

/** The framings that `auto` detects; `http`: a request that did not become WebSocket, or not yet. */
export type Detected = "message" | "line" | "websocket" | "http";

/** The framing of one connection, once it is detected. */
export class Detection {
  /** The output of the encoder. */
  out: Output<Uint8Array<ArrayBuffer>> | undefined;
  /** Set where HTTP was detected, and is spoken. */
  webSocket: WebSocketCodec | undefined;
  readonly #options: FramingOptions;
  readonly #makeWebSocket: (() => WebSocketCodec) | undefined;
  #detected: "message" | "line" | "http" | undefined;
  #codec: ChunkCodec | undefined;

  /** `makeWebSocket`: answers HTTP; undefined: it is not spoken. */
  constructor(options: FramingOptions, makeWebSocket: (() => WebSocketCodec) | undefined) {
    this.#options = options;
    this.#makeWebSocket = makeWebSocket;
  }

  get detected(): Detected | undefined {
    return this.webSocket?.open ? "websocket" : this.#detected;
  }

  /** True where requests are answered. */
  get speaksHttp(): boolean {
    return this.#makeWebSocket !== undefined;
  }

  /** The codec of the detected framing; until then, the one of `line`. */
  get codec(): ChunkCodec {
    return this.#codec ??= line(this.#options);
  }

  /** The framing is known. */
  decide(detected: "message" | "line" | "http"): void {
    this.#detected = detected;
    if (detected === "message") this.#codec = message(this.#options);
    if (detected !== "http" || this.#makeWebSocket === undefined) return;
    this.#codec = this.webSocket = this.#makeWebSocket();
    if (this.out !== undefined) void this.webSocket.encoder.start?.(this.out);
  }

  /** Lines turned out to be HTTP. */
  refuse(): void {
    this.#detected = "http";
  }
}
