/**
 * The framing `message`: echopipe's own wire format, one use of the length prefix.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---+-----------------------------------------------------------+
 * |kind|             payload length in bytes                      |
 * +---+-----------------------------------------------------------+
 * |  payload ...
 * kind: 00 text, 01 data, 10 control, 11 reserved (a protocol error)
 * ```
 *
 * A client that sends plain 4-byte big-endian lengths is compatible: its messages are of kind text.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import type { ChunkCodec, FramingOptions } from "./framing.ts";
import type { Header } from "./header.ts";
import type { Kind } from "./chunk.ts";
import { PrefixDecoder } from "./prefix_decoder.ts";
import { PrefixEncoder } from "./prefix_encoder.ts";

/** The longest message of the wire format, in bytes: 2^30 - 1. */
export const MAX_MESSAGE: number = 2 ** 30 - 1;

/** The longest control message, in bytes. */
export const MAX_CONTROL = 4096;

const kinds: readonly Kind[] = ["text", "data", "control"];

/** The header of the wire format: two bits of kind, thirty of length. */
export const messageHeader: Header = {
  width: 4,
  max: MAX_MESSAGE,
  sizeAt: (bytes, at) => (bytes[at] & 0x3f) << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3],
  kindAt(bytes, at) {
    const kind = kinds[bytes[at] >> 6];
    if (kind === undefined) {
      throw new EchopipeError("protocol", "Cannot read a message: its kind is 11, which is reserved", {
        received: "11",
        expected: "00, 01 or 10",
      });
    }
    return kind;
  },
  write(bytes, kind, size) {
    bytes[0] = (kind === "text" ? 0x00 : kind === "data" ? 0x40 : 0x80) | size >>> 24;
    bytes[1] = size >>> 16;
    bytes[2] = size >>> 8;
    bytes[3] = size;
  },
};

/** The options of {@linkcode message}. */
export interface MessageFramingOptions extends FramingOptions {
  /**
   * The longest text or data message in bytes, in both directions. Default 2^30 - 1, the most that the header can
   * announce.
   */
  readonly limit?: number;
}

/**
 * The framing `message`. Text and data are decoded into chunks; control messages are decoded whole, and at most 4 KiB
 * long.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { message, Chunk } from "echopipe";
 *
 * const { encoder } = message();
 * const bytes = (await Array.fromAsync(encoder.over([Chunk.text("hi")]))).flatMap((view) => [...view]);
 * assert.deepEqual(bytes, [0, 0, 0, 2, 104, 105]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a chunk or limit out of its range
 */
export function message({ chunkSize, limit = MAX_MESSAGE }: MessageFramingOptions = {}): ChunkCodec {
  checkInteger("limit", limit, 0, MAX_MESSAGE);
  return {
    decoder: new PrefixDecoder(messageHeader, { chunkSize, limit, controlLimit: MAX_CONTROL }),
    encoder: new PrefixEncoder(messageHeader, { limit, controlLimit: MAX_CONTROL }),
  };
}
