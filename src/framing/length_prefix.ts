/**
 * The general length-prefixed framing: each message follows a header of fixed width that contains its length.
 *
 * ```text
 * +----------------+------------------------+
 * | header (width) | payload (size bytes)   |  repeated
 * +----------------+------------------------+
 * ```
 *
 * @module
 */
import { checkInteger } from "../errors.ts";
import type { ChunkCodec, FramingOptions } from "./framing.ts";
import { type Header, lengthField, type LengthFieldOptions } from "./header.ts";
import { PrefixDecoder } from "./prefix_decoder.ts";
import { PrefixEncoder } from "./prefix_encoder.ts";

/** The options of {@linkcode lengthPrefix}. */
export interface LengthPrefixOptions extends FramingOptions, LengthFieldOptions {
  /** The longest payload in bytes, in both directions. Default: the longest that the header can announce. */
  readonly limit?: number;
  /** A custom header, instead of the length field that the other options describe. */
  readonly header?: Header;
}

/**
 * A framing of messages with their length in front. A message longer than a chunk passes chunk by chunk: a long one
 * needs no more memory than a short one.
 *
 * @example Two bytes, little-endian, including the length field itself
 * ```ts
 * import assert from "node:assert/strict";
 * import { lengthPrefix, Chunk } from "echopipe";
 *
 * const { encoder } = lengthPrefix({ width: 2, order: "little", includesHeader: true });
 * const bytes = (await Array.fromAsync(encoder.over([Chunk.text("hi")]))).flatMap((view) => [...view]);
 * assert.deepEqual(bytes, [4, 0, 104, 105]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a width, limit or chunk out of its range
 */
export function lengthPrefix(options: LengthPrefixOptions = {}): ChunkCodec {
  const { header = lengthField(options), chunkSize } = options;
  checkInteger("width", header.width, 1, 8);
  const limit = checkInteger("limit", options.limit ?? header.max, 0, header.max);
  return {
    decoder: new PrefixDecoder(header, { chunkSize, limit }),
    encoder: new PrefixEncoder(header, { limit }),
  };
}
