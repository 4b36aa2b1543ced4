/**
 * Frames: messages with their length in front, whole.
 *
 * @module
 */
import type { Codec } from "./framing.ts";
import { FrameDecoder } from "./frame_decoder.ts";
import { FrameEncoder } from "./frame_encoder.ts";
import { FixedLayout, frameSettings, type FramesOptions } from "./frame_layout.ts";
import { VarintLayout } from "./varint_layout.ts";

export type { FramesOptions };

/**
 * A codec of frames, as `Uint8Array`s: messages with their length in front.
 *
 * ```text
 *  offset   width      length + adjustment bytes, less offset + width with includesHeader
 * +--------+--------+--------------------------------------------------------------------+
 * |        | length | payload                                                            |
 * +--------+--------+--------------------------------------------------------------------+
 * |<- strip: dropped. Default: offset + width
 * ```
 *
 * The decoder's frames are views, valid until the handler's `push` is done: to keep one, copy it with `slice()`. It throws
 * `too-large` at the header of a frame beyond the limit, `protocol` for a length that is not possible, and `truncated`
 * where the stream ends inside a frame.
 *
 * The encoder takes what the decoder gives. It sends zeros for the bytes that the decoder drops, and writes the length in
 * its place: with `strip: 0` into a copy of the item, which has to have the room; a varint has to be in place. It throws
 * `invalid-argument` for an item that is not a `Uint8Array` and `too-large` beyond the limit or the length field. Payloads
 * of more than 16 KiB are not copied: their bytes must not change until they are written.
 *
 * @example Two bytes, little-endian, counting themselves
 * ```ts
 * import assert from "node:assert/strict";
 * import { frames } from "echopipe";
 *
 * const { decoder, encoder } = frames({ width: 2, order: "little", includesHeader: true });
 * assert.deepEqual(await Array.fromAsync(encoder.over([Uint8Array.of(7, 8)])), [Uint8Array.of(4, 0, 7, 8)]);
 * const reads = [Uint8Array.of(4, 0, 7), Uint8Array.of(8, 2, 0)];
 * assert.deepEqual(await Array.fromAsync(decoder.over(reads), (frame) => [...frame]), [[7, 8], []]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for an option out of its range
 */
export function frames(options: FramesOptions = {}): Codec<Uint8Array> {
  const settings = frameSettings(options);
  const { width, limit, strip } = settings;
  const layout = width === "varint" ? new VarintLayout(settings) : new FixedLayout(settings, width);
  return { decoder: new FrameDecoder(layout, limit, strip), encoder: new FrameEncoder(layout, limit, strip) };
}
