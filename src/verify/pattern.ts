/**
 * Bytes to send, made of a seed: the same seed makes the same bytes.
 *
 * @module
 */

/**
 * The first byte of what is sent: no letter that begins an HTTP request, no header of a message, no TLS and no telnet
 * command. A server that tells protocols apart by the first byte echoes it.
 */
export const FIRST = 0x7e;

/** Random numbers from 0 to 2^32 - 1, by xorshift32 (Marsaglia, 2003). */
export function randomNumbers(seed: number): () => number {
  // Seeds that differ in one bit differ in all numbers, and no seed is 0.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

/** Random bytes; the first is {@linkcode FIRST}. */
export function randomBytes(seed: number, length: number): Uint8Array {
  const next = randomNumbers(seed);
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = next();
  const bytes = new Uint8Array(words.buffer, 0, length);
  if (length > 0) bytes[0] = FIRST;
  return bytes;
}

/** A number of 32 bits for a name (FNV-1a). */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Cuts bytes at random places into pieces of 1 to `max` bytes. */
export function* randomCuts(seed: number, bytes: Uint8Array, max: number): Generator<Uint8Array> {
  const next = randomNumbers(seed);
  for (let at = 0; at < bytes.length;) {
    const length = 1 + next() % max;
    yield bytes.subarray(at, at += length);
  }
}

/** Pieces of `size` bytes, the last one shorter. */
export function* piecesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A block of bytes, repeated: much to send and to compare in little memory. */
export class Pattern {
  /** Length of the whole, in bytes. */
  readonly length: number;
  readonly #block: Uint8Array;

  /** Repeats the block until so many bytes. Default: once. */
  constructor(block: Uint8Array, times = 1) {
    this.#block = block;
    this.length = block.length * times;
  }

  /** The bytes at a position, at most `max`: at least one, before the end. */
  view(position: number, max: number): Uint8Array {
    const start = position % this.#block.length;
    return this.#block.subarray(start, Math.min(start + max, this.#block.length, start + this.length - position));
  }

  /** Pieces of at most `size` bytes. */
  *pieces(size: number): Generator<Uint8Array> {
    for (let at = 0; at < this.length;) {
      const piece = this.view(at, size);
      yield piece;
      at += piece.length;
    }
  }
}
