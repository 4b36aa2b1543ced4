/**
 * Framings: bytes to items and back. Codecs of whole items (lines, JSON, frames), framings that decode messages of any
 * length into chunks, and stages between both. Nothing here knows of sockets.
 *
 * @example Messages behind two bytes of length, little-endian
 * ```ts
 * import assert from "node:assert/strict";
 * import { frames } from "echopipe/framing";
 *
 * const { decoder } = frames({ width: 2, order: "little" });
 * const wire = Uint8Array.of(2, 0, 104, 105, 1, 0, 33);
 * const texts = await Array.fromAsync(decoder.over([wire]), (frame) => new TextDecoder().decode(frame));
 * assert.deepEqual(texts, ["hi", "!"]);
 * ```
 *
 * @module
 */
export { EchopipeError, type ErrorCode, type ErrorFields } from "../errors.ts";
export type { Output, Stage } from "../stage/stage.ts";
export type { ChunkCodec, ChunkCount, Codec, Decoder, Encoder, Framing, FramingOptions } from "./framing.ts";
export { lines, type LinesOptions } from "./lines.ts";
export { type Json, jsonLines, type JsonLinesOptions } from "./json_lines.ts";
export { frames, type FramesOptions } from "./frames.ts";
export { delimited, type DelimitedOptions } from "./delimited.ts";
export { fixed } from "./fixed.ts";
export { Chunk, type Kind } from "./chunk.ts";
export { chunks } from "./chunks.ts";
export { decoder, type DecoderOptions, type Grammar } from "./decoder.ts";
export { encoder } from "./encoder.ts";
export { Writer } from "./writer.ts";
export { type ByteOrder, Reader, type ReadOptions } from "./reader.ts";
export type { NeedMore, Reading } from "./reading.ts";
export { messages, type MessagesOptions } from "./messages.ts";
export { text } from "./text.ts";
export { raw } from "./raw.ts";
export { line } from "./line.ts";
export { message, type MessageFramingOptions } from "./message.ts";
export type { Header, LengthFieldOptions } from "./header.ts";
export { lengthPrefix, type LengthPrefixOptions } from "./length_prefix.ts";
export { auto, type AutoCodec, type AutoOptions, type Detected } from "./auto.ts";
export {
  type ControlProtocol,
  type HandshakeOptions,
  type RequestHead,
  websocket,
  type WebSocketCodec,
  type WebSocketOptions,
} from "./websocket/mod.ts";
