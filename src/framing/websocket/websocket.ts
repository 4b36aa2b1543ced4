/**
 * The framing `websocket` (RFC 6455), as a server speaks it.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../../errors.ts";
import { type Output, Stage } from "../../stage/stage.ts";
import type { Chunk } from "../chunk.ts";
import { chunkLimit, type Codec, type FramingOptions } from "../framing.ts";
import { FrameDecoder } from "./decoder.ts";
import { FrameEncoder } from "./encoder.ts";
import { CloseCode } from "./frame.ts";
import { type HandshakeOptions, httpError, isUpgrade, shakeHands } from "./handshake.ts";
import { HeadGatherer, type RequestHead } from "./request_head.ts";

/** The longest message by default, in bytes. */
const DEFAULT_LIMIT = 1 << 30;

/** The options of {@linkcode websocket}; each has a default. */
export interface WebSocketOptions extends FramingOptions, HandshakeOptions {
  /** The longest message in bytes, over all its frames. Default 2^30. */
  readonly limit?: number;
  /**
   * Answers a request that does not ask for WebSocket, such as one for a page: the whole response; the connection ends
   * after it. Default: 426.
   */
  readonly respond?: (request: RequestHead) => Uint8Array | Promise<Uint8Array>;
}

/** The codec of one WebSocket. */
export interface WebSocketCodec extends Codec {
  /** The subprotocol; undefined: none, or the handshake is not done. */
  readonly protocol: string | undefined;
  /** True once the handshake is done. */
  readonly open: boolean;
}

class Server implements WebSocketCodec {
  readonly encoder: FrameEncoder;
  readonly decoder: ServerDecoder;

  constructor(options: WebSocketOptions) {
    const limit = checkInteger("limit", options.limit ?? DEFAULT_LIMIT, 0, Number.MAX_SAFE_INTEGER);
    this.encoder = new FrameEncoder({ limit, masked: false });
    const settings = { chunkSize: chunkLimit(options), limit, masked: true };
    this.decoder = new ServerDecoder(
      options,
      this.encoder,
      (position) => new FrameDecoder(settings, this.#listener, position),
    );
  }

  get protocol(): string | undefined {
    return this.decoder.protocol;
  }

  get open(): boolean {
    return this.decoder.open;
  }

  readonly #listener = {
    ping: (payload: Uint8Array) => this.encoder.pong(payload),
    close: (payload: Uint8Array) => this.encoder.closeWith(answerToClose(payload)),
  };
}

/** Shakes hands, then decodes frames. */
class ServerDecoder extends Stage<Uint8Array, Chunk> {
  protocol: string | undefined;
  readonly #options: WebSocketOptions;
  readonly #encoder: FrameEncoder;
  readonly #makeFrames: (position: number) => FrameDecoder;
  #head: HeadGatherer | undefined = new HeadGatherer();
  #frames: FrameDecoder | undefined;

  constructor(options: WebSocketOptions, encoder: FrameEncoder, makeFrames: (position: number) => FrameDecoder) {
    super();
    this.#options = options;
    this.#encoder = encoder;
    this.#makeFrames = makeFrames;
  }

  get chunks(): number {
    return this.#frames?.chunks ?? 0;
  }

  get open(): boolean {
    return this.#frames !== undefined;
  }

  push(bytes: Uint8Array, out: Output<Chunk>): void | Promise<void> {
    if (this.#frames !== undefined) return this.#frames.push(bytes, out);
    if (this.#head === undefined) return; // a request was answered, and more than one is not read
    try {
      const end = this.#head.take(bytes, 0);
      if (end < 0) return;
      const { length } = this.#head;
      const head = this.#head.head();
      this.#head = undefined;
      return this.#answer(head, bytes.subarray(end), length, out);
    } catch (error) {
      this.#head = undefined;
      const isLong = error instanceof EchopipeError && error.code === "too-large";
      this.#refuse(isLong ? httpError(431, "Request Header Fields Too Large") : httpError(400, "Bad Request"), out);
    }
  }

  override end(): void {
    if (this.#frames !== undefined) return this.#frames.end();
    const received = this.#head?.length ?? 0;
    this.#encoder.abandon();
    if (received === 0) return;
    throw new EchopipeError(
      "truncated",
      `Cannot read a request: the stream ended after ${received} bytes of its head`,
      {
        position: received,
      },
    );
  }

  async #answer(head: RequestHead, rest: Uint8Array, length: number, out: Output<Chunk>): Promise<void> {
    const { respond = () => httpError(426, "Upgrade Required", "Upgrade: websocket\r\n") } = this.#options;
    if (!isUpgrade(head)) return this.#refuse(await respond(head), out);
    const { accepted, response, protocol } = await shakeHands(head, this.#options);
    if (!accepted) return this.#refuse(response, out);
    this.protocol = protocol;
    this.#frames = this.#makeFrames(length);
    this.#encoder.sendRaw(response);
    return this.#frames.push(rest, out);
  }

  #refuse(response: Uint8Array, out: Output<Chunk>): void {
    this.#encoder.sendRaw(response);
    this.#encoder.abandon();
    out.end();
  }
}

/** The payload that answers a close frame: its code, or what is wrong with it (5.5.1, 7.4). */
function answerToClose(payload: Uint8Array): Uint8Array {
  if (payload.length === 0) return payload;
  const code = payload[0] << 8 | payload[1];
  const known = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code) || code >= 3000 && code <= 4999;
  const isText = () => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(payload.subarray(2));
      return true;
    } catch {
      return false;
    }
  };
  if (payload.length === 1 || !known) return codePayload(CloseCode.protocolError);
  return isText() ? payload.subarray(0, 2) : codePayload(CloseCode.invalidText);
}

/** The close frame that says why a WebSocket failed, for a connection that is about to end. */
export function closeFrame(error: unknown): Uint8Array {
  const code = !(error instanceof EchopipeError)
    ? CloseCode.internalError
    : error.code === "invalid-text"
    ? CloseCode.invalidText
    : error.code === "too-large"
    ? CloseCode.tooLarge
    : error.code === "protocol" || error.code === "truncated"
    ? CloseCode.protocolError
    : CloseCode.internalError;
  return Uint8Array.of(0x88, 2, code >> 8, code & 0xff);
}

function codePayload(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}

/**
 * The framing `websocket`: answers the handshake, then one message of WebSocket is one message; text is text, binary is
 * data. Pings are answered, a close frame ends the stream.
 *
 * Masks are removed in the buffers of the reads, without a copy: the bytes given to the decoder are changed.
 *
 * Decoder and encoder of one codec belong into one chain: the decoder has the encoder send pongs and the handshake's
 * answer.
 *
 * @throws {EchopipeError} `invalid-argument` for a chunk or limit out of its range
 */
export function websocket(options: WebSocketOptions = {}): WebSocketCodec {
  return new Server(options);
}
