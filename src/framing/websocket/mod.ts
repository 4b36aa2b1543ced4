/**
 * WebSocket (RFC 6455) as a framing: the handshake, frames to chunks of messages and back. Nothing of a socket or a
 * runtime lives here, and no page.
 *
 * @module
 */
export { closeFrame, websocket, type WebSocketCodec, type WebSocketOptions } from "./websocket.ts";
export { type Handshake, type HandshakeOptions, httpError, isUpgrade, shakeHands } from "./handshake.ts";
export { type RequestHead } from "./request_head.ts";
