/**
 * Byte-exact stream pipelines for sockets: framings, handlers and observers as stages that compose, and connections that
 * never lose a byte at half-close. On Deno and Node.
 *
 * A connection is `peer.readable.pipeThrough(decoder).pipeThrough(handler).pipeThrough(encoder).pipeTo(peer.writable)`: the
 * stages run in one call, straight between the socket's read and its write.
 *
 * @example A server that answers in capitals, and a client
 * ```ts
 * import assert from "node:assert/strict";
 * import { Chunk, message, messages, MessageSocket, serve, stage } from "echopipe";
 *
 * const capitals = () => stage<Chunk, Chunk>((said, out) => out.push(Chunk.text(said.toText().toUpperCase())));
 * await using server = await serve({}, (peer) => {
 *   const { decoder, encoder } = message();
 *   return peer.readable.pipeThrough(decoder).pipeThrough(messages()).pipeThrough(capitals()).pipeThrough(encoder)
 *     .pipeTo(peer.writable);
 * });
 *
 * await using socket = await MessageSocket.connect({ port: server.address.port });
 * await socket.send("hello");
 * assert.deepEqual(await socket.receive(), "HELLO");
 * ```
 *
 * @module
 */
export { EchopipeError, type ErrorCode, type ErrorFields } from "./errors.ts";
export {
  type AnySteps,
  type Output,
  type OverOptions,
  Stage,
  stage,
  type StageParts,
  type Steps,
} from "./stage/stage.ts";
export {
  type AnyJoinable,
  type InputOf,
  type Joinable,
  type Joined,
  type Last,
  type OutputOf,
  pipeline,
} from "./stage/pipeline.ts";
export type { StreamPair } from "./stage/foreign.ts";
export type { ChunkCodec, ChunkCount, Codec, Decoder, Encoder, Framing, FramingOptions } from "./framing/framing.ts";
export { lines, type LinesOptions } from "./framing/lines.ts";
export { type Json, jsonLines, type JsonLinesOptions } from "./framing/json_lines.ts";
export { frames, type FramesOptions } from "./framing/frames.ts";
export { delimited, type DelimitedOptions } from "./framing/delimited.ts";
export { fixed } from "./framing/fixed.ts";
export { Chunk, type Kind } from "./framing/chunk.ts";
export { chunks } from "./framing/chunks.ts";
export { decoder, type DecoderOptions, type Grammar } from "./framing/decoder.ts";
export { encoder } from "./framing/encoder.ts";
export { Writer } from "./framing/writer.ts";
export { type ByteOrder, Reader, type ReadOptions } from "./framing/reader.ts";
export type { NeedMore, Reading } from "./framing/reading.ts";
export { messages, type MessagesOptions } from "./framing/messages.ts";
export { text } from "./framing/text.ts";
export { raw } from "./framing/raw.ts";
export { line } from "./framing/line.ts";
export { message, type MessageFramingOptions } from "./framing/message.ts";
export type { Header, LengthFieldOptions } from "./framing/header.ts";
export { lengthPrefix, type LengthPrefixOptions } from "./framing/length_prefix.ts";
export { auto, type AutoCodec, type AutoOptions, type Detected } from "./framing/auto.ts";
export {
  type ControlProtocol,
  type HandshakeOptions,
  type RequestHead,
  websocket,
  type WebSocketCodec,
  type WebSocketOptions,
} from "./framing/websocket/mod.ts";
export { echo } from "./handlers/echo.ts";
export { discard } from "./handlers/discard.ts";
export { chargen } from "./handlers/chargen.ts";
export { daytime } from "./handlers/daytime.ts";
export { speak, type SpeakOptions, type Speech } from "./handlers/speak.ts";
export { type Command, commands } from "./handlers/commands.ts";
export { exit } from "./handlers/exit.ts";
export {
  type HandlerContext,
  type ItemHandler,
  mapConcurrent,
  type MapConcurrentOptions,
} from "./handlers/map_concurrent.ts";
export { RefuseHttp, refuseHttp } from "./handlers/refuse_http.ts";
export { Count, count } from "./observers/count.ts";
export { Digest, digest, type DigestAlgorithm } from "./observers/digest.ts";
export type { Observed } from "./observers/observed.ts";
export { progress, type ProgressOptions } from "./observers/progress.ts";
export {
  Access,
  access,
  type AccessEvent,
  type AccessMode,
  type AccessOptions,
  type Answer,
  type Ask,
  type AskStep,
  authenticate,
  type AuthenticateOptions,
  type Bye,
  type ByeStep,
  type ClientControl,
  type Control,
  controlChunk,
  type Field,
  type Hello,
  identify,
  type IdentifyOptions,
  type Login,
  type Logout,
  parseControl,
  type Refused,
  type RefusedCode,
  type RefusedStep,
  type ServerControl,
  type Step,
  UserWatch,
  type Welcome,
  type WelcomeStep,
} from "./access/mod.ts";
export {
  type AccountParts,
  type Delay,
  FileUserStore,
  type HashTurn,
  MemoryUserStore,
  type OpenedSession,
  type PasswordOptions,
  Passwords,
  type SessionOptions,
  Sessions,
  type StoredSession,
  type StoredUser,
  Throttle,
  type ThrottleOptions,
  type User,
  type UserStore,
} from "./identity/mod.ts";
export {
  type Backoff,
  type Conversable,
  Conversation,
  type ConversationOptions,
  type ItemCodec,
  type Matching,
  reconnecting,
  type ReconnectingOptions,
  type WaitOptions,
} from "./conversation/mod.ts";
export { MessageSocket, type MessageSocketOptions } from "./message_socket.ts";
export { Connection } from "./transport/connection.ts";
export { ConnectionBase } from "./transport/connection_base.ts";
export type { Traffic } from "./runtime/socket_state.ts";
export type { ByteListener, ByteSink, ByteSource, Subscription } from "./pipe/bytes.ts";
export { pipe, type PipeOptions } from "./pipe/pipe.ts";
export type { DirectOptions } from "./stage/chain.ts";
export { adopt, connect, listen, type ListenerOptions, type OpenListener } from "./transport/open.ts";
export { serve, type ServeOptions } from "./server/serve.ts";
export type { Renewal, RunningServer } from "./server/run_server.ts";
export type { ClientHooks } from "./server/client.ts";
export type { LimitOptions } from "./server/limits.ts";
export type { Certificate } from "./server/certificate.ts";
export {
  type Address,
  type ConnectOptions,
  formatAddress,
  type ListenOptions,
  type StartTlsOptions,
  type TcpOptions,
  type TlsClientOptions,
  type TlsServerOptions,
  type TlsState,
} from "./runtime/socket.ts";
export {
  type Datagram,
  type DatagramOptions,
  type DatagramPort,
  type MulticastPort,
  openDatagrams,
} from "./transport/datagram.ts";
export {
  chat,
  type ChatOptions,
  type ChatRoom,
  type ClientEvent,
  type GoneReason,
  type LeaveReason,
  type MemberOptions,
  type Membership,
  readTyped,
  type Refusal,
  type RefuseReason,
  renderEvent,
  Room,
  type RoomEvent,
  type RoomListener,
  type RoomOptions,
  type RoomRequest,
  type Typed,
} from "./chat/room/mod.ts";
export {
  ChatClient,
  type ChatClientOptions,
  type ChatServer,
  type ChatServerOptions,
  serveChat,
} from "./chat/udp/mod.ts";
export type { Clock, Environment } from "./chat/environment.ts";
export { checkName } from "./names.ts";
export { printable } from "./printable.ts";
export type { Fields, Level, ServiceLog } from "./service_log.ts";
