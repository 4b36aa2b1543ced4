/**
 * Decodes what a client of WebSocket sends: a request, then frames.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import { type Output, Stage } from "../../stage/stage.ts";
import type { Chunk } from "../chunk.ts";
import { ControlTexts } from "./control_texts.ts";
import { FrameDecoder, type FrameDecoderSettings, type FrameListener } from "./decoder.ts";
import { httpError, isUpgrade, shakeHands } from "./handshake.ts";
import { HeadGatherer, type RequestHead } from "./request_head.ts";
import type { WebSocketOptions } from "./options.ts";

/** Listens to what is no part of a message, and has the encoder answer. */
export interface ServerListener extends FrameListener {
  /** The handshake is done: frames follow the response. */
  opened(response: Uint8Array<ArrayBuffer>): void;
  /** There is no handshake, and nothing but the response. */
  refused(response?: Uint8Array<ArrayBuffer>): void;
  /** The frames are not valid: the stream fails next. */
  failed(error: unknown): void;
}

/** Shakes hands, then decodes frames. */
export class ServerDecoder extends Stage<Uint8Array, Chunk> {
  /** The subprotocol, once the handshake is done, if one was chosen. */
  protocol: string | undefined;
  readonly #options: WebSocketOptions;
  readonly #settings: FrameDecoderSettings;
  readonly #listener: ServerListener;
  /** Undefined once it is complete. */
  #head: HeadGatherer | undefined = new HeadGatherer();
  #frames: FrameDecoder | undefined;
  /** The output of the frames, where some texts are control messages. */
  #controls: ControlTexts | undefined;

  /** Makes the decoder of one connection. */
  constructor(options: WebSocketOptions, settings: FrameDecoderSettings, listener: ServerListener) {
    super();
    this.#options = options;
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Chunks made so far. */
  get chunks(): number {
    return this.#frames?.chunks ?? 0;
  }

  /** True once the handshake is done. */
  get open(): boolean {
    return this.#frames !== undefined;
  }

  /** True inside the request, and inside a message. */
  override get begun(): boolean {
    return this.#frames?.begun ?? (this.#head?.length ?? 0) > 0;
  }

  push(bytes: Uint8Array, out: Output<Chunk>): void | Promise<void> {
    if (this.#frames !== undefined) return this.#pushFrames(this.#frames, bytes, out);
    if (this.#head === undefined) return; // a request was refused, and more than one is not read
    let end: number;
    let head: RequestHead;
    const { length: before } = this.#head;
    try {
      end = this.#head.take(bytes, 0);
      if (end < 0) return;
      head = this.#head.head();
    } catch (error) {
      const isLong = error instanceof EchopipeError && error.code === "too-large";
      const [status, reason] = isLong
        ? [431, "Request Header Fields Too Large"] as const
        : [400, "Bad Request"] as const;
      return this.#refuse(httpError(status, reason), out);
    }
    this.#head = undefined;
    return this.#answer(head, bytes.subarray(end), before + end, out);
  }

  override end(): void {
    if (this.#frames !== undefined) return this.#endFrames(this.#frames);
    const received = this.#head?.length ?? 0;
    this.#listener.refused();
    if (received === 0) return;
    throw new EchopipeError(
      "truncated",
      `Cannot read a request: the stream ended after ${received} bytes of its head`,
      { position: received },
    );
  }

  /** A failure is told to the peer, too. */
  #pushFrames(frames: FrameDecoder, bytes: Uint8Array, out: Output<Chunk>): void {
    try {
      frames.push(bytes, this.#controls ?? out);
    } catch (error) {
      this.#listener.failed(error);
      throw error;
    }
  }

  #endFrames(frames: FrameDecoder): void {
    try {
      frames.end();
    } catch (error) {
      this.#listener.failed(error);
      throw error;
    }
  }

  async #answer(head: RequestHead, rest: Uint8Array, position: number, out: Output<Chunk>): Promise<void> {
    const { control, protocols = [], respond } = this.#options;
    if (!isUpgrade(head)) {
      return this.#refuse(
        await respond?.(head) ?? httpError(426, "Upgrade Required", "Upgrade: websocket\r\n"),
        out,
      );
    }
    const known = control === undefined ? protocols : [control.protocol, ...protocols];
    const { accepted, response, protocol } = await shakeHands(head, { ...this.#options, protocols: known });
    if (!accepted) return this.#refuse(response, out);
    this.protocol = protocol;
    this.#frames = new FrameDecoder(this.#settings, this.#listener, position);
    if (control !== undefined && protocol === control.protocol) {
      this.#controls = new ControlTexts(control, this.#settings.chunkSize, out);
    }
    this.#listener.opened(response);
    this.#pushFrames(this.#frames, rest, out);
  }

  #refuse(response: Uint8Array<ArrayBuffer>, out: Output<Chunk>): void {
    this.#head = undefined;
    this.#listener.refused(response);
    out.end();
  }
}
