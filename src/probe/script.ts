/**
 * The bytes that a peer sends, known at every position.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Names of the framings of a probe. */
export type ProbeFraming = "message" | "line" | "raw";

/** Sizes of messages in bytes, without header or terminator; each is drawn from `min` to `max`. */
export interface Sizes {
  readonly min: number;
  readonly max: number;
}

/** The largest message, in bytes. */
export const MAX_MESSAGE: number = 16 * 1024 * 1024;
/** A script is at least so long, in bytes, and has at least so many messages... */
const MIN_BYTES = 256 * 1024;
const MIN_MESSAGES = 64;
/** ...unless it would exceed this, in bytes. Two messages it always has: one that is lost is noticed by its successor. */
const MAX_BYTES = 16 * 1024 * 1024;

const HEADER = 4;
const NEWLINE = 10;

/** Bytes of payloads. No alphabet can spell `exit` or `stop`, which are commands, or end a line. */
const alphabets = {
  /** Text, since a message of kind text may be checked for UTF-8. */
  text: Uint8Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:".repeat(6), (letter) => letter.charCodeAt(0)),
  /** All bytes but line ends, and 0x00 and 0x80, at which a server may take the stream for messages. */
  raw: Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => ![0, 10, 13, 128].includes(byte)),
};

/**
 * A cycle of messages as they travel, headers and terminators included, which a peer sends over and over. The payloads
 * are drawn by a seed, and differ from one another: a message that is lost, doubled or out of place is found by its bytes.
 * A server that echoes returns the very bytes, so no answer needs to be decoded.
 */
export class Script {
  /** The cycle. */
  readonly bytes: Buffer;
  /** The end of each message in it. */
  readonly ends: Int32Array;

  /** Draws the messages. `raw`: as they are; `line`: each ends with `\n`; `message`: each has a 4-byte header. */
  constructor(framing: ProbeFraming, { min, max }: Sizes, seed: number = 1) {
    const random = randomFrom(seed);
    const [before, after] = framing === "message" ? [HEADER, 0] : framing === "line" ? [0, 1] : [0, 0];
    const sizes: number[] = [];
    let total = 0;
    const enough = () =>
      (total >= MIN_BYTES && sizes.length >= MIN_MESSAGES) || (total >= MAX_BYTES && sizes.length >= 2);
    while (!enough()) {
      const size = min + random() % (max - min + 1);
      sizes.push(size);
      total += before + size + after;
    }
    this.bytes = Buffer.allocUnsafeSlow(total);
    this.ends = new Int32Array(sizes.length);
    const alphabet = framing === "raw" ? alphabets.raw : alphabets.text;
    let at = 0;
    sizes.forEach((size, i) => {
      if (before > 0) at = this.bytes.writeUInt32BE(size, at); // kind text, which has the code 0
      for (const end = at + size; at < end; at++) this.bytes[at] = alphabet[random() % alphabet.length];
      if (after > 0) this.bytes[at++] = NEWLINE;
      this.ends[i] = at;
    });
  }

  /** Position of a message in the cycle. */
  startOf(message: number): number {
    return message === 0 ? 0 : this.ends[message - 1];
  }
}

/** A generator of integers from 0 to 2^32 - 1: xorshift32 (Marsaglia, 2003). */
export function randomFrom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
