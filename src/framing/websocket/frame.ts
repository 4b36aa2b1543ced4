/**
 * The frames of WebSocket (RFC 6455, 5.2).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-------+-+-------------+-------------------------------+
 * |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
 * |I|S|S|S|  (4)  |A|     (7)     |   none, 16 or 64 bits         |
 * |N|V|V|V|       |S|             |   (if payload len is 126/127) |
 * | |1|2|3|       |K|             |                               |
 * +-+-+-+-+-------+-+-------------+-------------------------------+
 * |  Masking key, 32 bits, if MASK is set: frames of a client     |
 * +---------------------------------------------------------------+
 * |  payload ...
 * ```
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";

/** The opcodes. */
export const CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

/** The longest payload of a control frame, in bytes (5.5). */
export const MAX_CONTROL_PAYLOAD = 125;
/** The longest header, in bytes. */
export const MAX_HEADER = 14;

/** Status codes of a close frame (7.4.1). */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  noStatus: 1005,
  invalidText: 1007,
  tooLarge: 1009,
  internalError: 1011,
} as const;

/** The length of a header in bytes, told by its second byte. */
export function headerLength(second: number): number {
  const length = second & 0x7f;
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second >= 0x80 ? 4 : 0);
}

/** The payload length of the complete header at index `at`. Throws `protocol` unless it has the shortest form. */
export function payloadLength(bytes: Uint8Array, at: number): number {
  const short = bytes[at + 1] & 0x7f;
  if (short < 126) return short;
  let length = 0;
  const end = at + (short === 126 ? 4 : 10);
  for (let i = at + 2; i < end; i++) length = length * 256 + bytes[i];
  if (length < (short === 126 ? 126 : 0x10000)) {
    throw new EchopipeError("protocol", `Cannot read a frame: its length ${length} is not in its shortest form`, {
      received: length,
    });
  }
  return length;
}

/** Writes a header without a masking key to `bytes` at index `at`; returns the index behind it. */
export function writeHeader(bytes: Uint8Array, at: number, first: number, masked: boolean, length: number): number {
  bytes[at++] = first;
  const mask = masked ? 0x80 : 0;
  if (length < 126) {
    bytes[at++] = mask | length;
    return at;
  }
  const width = length < 0x10000 ? 2 : 8;
  bytes[at++] = mask | (width === 2 ? 126 : 127);
  for (let i = width - 1, rest = length; i >= 0; i--) {
    bytes[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at + width;
}

const keyBytes = new Uint8Array(4);
const keyWord = new Uint32Array(keyBytes.buffer);

/**
 * Masks or unmasks bytes in place (5.3): byte `i` of the payload by byte `i % 4` of the key. `phase`: the index in the
 * payload of the byte at `start`.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: Uint8Array, phase: number): void {
  let at = start;
  const aligned = Math.min(end, at + (-(bytes.byteOffset + at) & 3));
  // A view for whole words costs as much as some bytes do.
  if (end - aligned >= 64) {
    for (; at < aligned; at++, phase++) bytes[at] ^= key[phase & 3];
    for (let i = 0; i < 4; i++) keyBytes[i] = key[phase + i & 3];
    const word = keyWord[0];
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >>> 2);
    for (let i = 0; i < words.length; i++) words[i] ^= word;
    at += words.length * 4; // the phase is the same after whole words
  }
  for (; at < end; at++, phase++) bytes[at] ^= key[phase & 3];
}
