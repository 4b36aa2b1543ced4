/**
 * The framing `websocket` (RFC 6455), as a server speaks it.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../../errors.ts";
import { type ChunkCodec, chunkLimit } from "../framing.ts";
import { codePayload, FrameEncoder } from "./encoder.ts";
import { CloseCode } from "./frame.ts";
import { DEFAULT_LIMIT, type WebSocketOptions } from "./options.ts";
import { ServerDecoder } from "./server_decoder.ts";

/** The codec of one WebSocket. */
export interface WebSocketCodec extends ChunkCodec {
  /** True once the handshake is done. */
  readonly open: boolean;
  /** The subprotocol; undefined: none, or the handshake is not done. */
  readonly protocol: string | undefined;
  /** Has the close frame at the end say that this side goes away (1001) rather than that all is said (1000). */
  goAway(): void;
  /**
   * The close frame for a stream that failed in another stage; nothing follows it. Undefined where none can be sent:
   * inside a frame, during the handshake, after another. A failure of the decoder is told by itself.
   */
  closeFrame(error: unknown): Uint8Array | undefined;
}

/**
 * The framing `websocket`: answers the handshake, then one message of WebSocket is one message; text is text, binary is
 * data. Pings are answered; a close frame ends the stream; a protocol error is told to the peer, and then fails it.
 *
 * Masks are removed in the buffers of the reads, without a copy: the bytes given to the decoder are changed.
 *
 * Decoder and encoder of one codec belong into one chain: the decoder has the encoder send pongs and the handshake's
 * response.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { echo, serve, websocket } from "echopipe";
 *
 * await using server = await serve({}, (peer) => {
 *   const { decoder, encoder } = websocket();
 *   return peer.readable.pipeThrough(decoder).pipeThrough(echo()).pipeThrough(encoder).pipeTo(peer.writable);
 * });
 *
 * const socket = new WebSocket(`ws://127.0.0.1:${server.address.port}`);
 * await new Promise((resolve) => socket.onopen = resolve);
 * socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assert.equal(data, "hello");
 * socket.close();
 * await new Promise((resolve) => socket.onclose = resolve);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a chunk or limit out of its range
 */
export function websocket(options: WebSocketOptions = {}): WebSocketCodec {
  const limit = checkInteger("limit", options.limit ?? DEFAULT_LIMIT, 0, Number.MAX_SAFE_INTEGER);
  const encoder = new FrameEncoder({ limit, masked: false });
  const decoder = new ServerDecoder(options, { chunkSize: chunkLimit(options), limit, masked: true }, {
    opened: (response) => encoder.open(response),
    refused: (response) => encoder.abandon(response),
    ping: (payload) => encoder.pong(payload),
    close: (payload) => encoder.closeWith(answerToClose(payload)),
    failed: (error) => encoder.closeNow(closePayload(error)),
  });
  return {
    decoder,
    encoder,
    get open() {
      return decoder.open;
    },
    get protocol() {
      return decoder.protocol;
    },
    goAway: () => encoder.closeWith(codePayload(CloseCode.goingAway)),
    closeFrame: (error) => encoder.lastFrame(closePayload(error)),
  };
}

/** The payload that answers a close frame: its code, or what is wrong with it (5.5.1, 7.4). */
function answerToClose(payload: Uint8Array): Uint8Array {
  if (payload.length === 0) return payload;
  const code = payload[0] << 8 | payload[1];
  const known = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code) || code >= 3000 && code <= 4999;
  if (payload.length === 1 || !known) return codePayload(CloseCode.protocolError);
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(payload.subarray(2));
    return payload.subarray(0, 2);
  } catch {
    return codePayload(CloseCode.invalidText);
  }
}

/** The payload of a close frame that tells a failure (7.4.1). */
function closePayload(error: unknown): Uint8Array {
  switch (error instanceof EchopipeError ? error.code : undefined) {
    case "protocol":
    case "truncated":
      return codePayload(CloseCode.protocolError);
    case "invalid-text":
      return codePayload(CloseCode.invalidText);
    case "too-large":
      return codePayload(CloseCode.tooLarge);
    default:
      return codePayload(CloseCode.internalError);
  }
}
