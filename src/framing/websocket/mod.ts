/**
 * WebSocket (RFC 6455) as a framing: the handshake, frames to chunks of messages and back. Nothing of a socket or a
 * runtime lives here, and no page.
 *
 * @module
 */
export { websocket, type WebSocketCodec } from "./websocket.ts";
export type { WebSocketOptions } from "./options.ts";
export type { ControlProtocol } from "./control_texts.ts";
export { type HandshakeOptions, hasHost, httpError } from "./handshake.ts";
export type { RequestHead } from "./request_head.ts";
