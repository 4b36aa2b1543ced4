/**
 * The options of a WebSocket.
 *
 * @module
 */
import type { FramingOptions } from "../framing.ts";
import type { ControlProtocol } from "./control_texts.ts";
import type { HandshakeOptions } from "./handshake.ts";
import type { RequestHead } from "./request_head.ts";

/** The longest message by default, in bytes. */
export const DEFAULT_LIMIT: number = 1 << 30;

/** The options of {@linkcode websocket}; each has a default. */
export interface WebSocketOptions extends FramingOptions, HandshakeOptions {
  /** The longest message in bytes, over all its frames. Default 2^30. */
  readonly limit?: number;
  /** A subprotocol under which some texts are control messages. Default: all texts are texts. */
  readonly control?: ControlProtocol;
  /**
   * Answers a request that does not ask for WebSocket, such as one for a page: the whole response; the connection ends
   * after it. Default: 426.
   */
  readonly respond?: (request: RequestHead) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
}
