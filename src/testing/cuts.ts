/**
 * Ways to cut bytes into pieces.
 *
 * @module
 */

/** Options of {@linkcode randomCuts}. */
export interface RandomCutOptions {
  /** Seed of the cuts: the same seed gives the same cuts. Default 1. */
  readonly seed?: number;
  /** Number of ways to cut. Default 20. */
  readonly rounds?: number;
}

/** Cuts into single bytes. */
export function single(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

/** Cuts in two, in every way; neither piece is empty. */
export function* inTwo(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

/** Cuts at the given indices, which may be in any order; no piece is empty. */
export function cutAt(bytes: Uint8Array, indices: readonly number[]): Uint8Array[] {
  const inside = indices.filter((at) => at > 0 && at < bytes.length);
  const sorted = [0, ...inside, bytes.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end)).filter((piece) => piece.length > 0);
}

/** Leaves the bytes whole, cuts them into single bytes, and in two in every way. */
export function* allCuts(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield bytes.length > 0 ? [bytes] : [];
  yield single(bytes);
  yield* inTwo(bytes);
}

/** Cuts at up to eight random places. */
export function* randomCuts(
  bytes: Uint8Array,
  { seed = 1, rounds = 20 }: RandomCutOptions = {},
): Generator<Uint8Array[]> {
  const random = randomFrom(seed);
  for (let round = 0; round < rounds; round++) {
    const count = 1 + Math.floor(random() * 8);
    yield cutAt(bytes, Array.from({ length: count }, () => Math.floor(random() * bytes.length)));
  }
}

/** Numbers from 0 to 1 that depend on the seed alone (a 32-bit xorshift generator). */
function randomFrom(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x2545f491) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Joins pieces. */
export function join(pieces: Iterable<Uint8Array>): Uint8Array {
  const all = [...pieces];
  const joined = new Uint8Array(all.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of all) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** Encodes text as UTF-8. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Decodes UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
