/**
 * Ways to cut bytes.
 *
 * @module
 */
import fc from "fast-check";

/** One piece a byte. */
export function single(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
}

/** Every way to cut in two, neither piece empty. */
export function* inTwo(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

/** At the given places, in any order. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.filter((at) => at > 0 && at < bytes.length), bytes.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end)).filter((piece) => piece.length > 0);
}

/** At random places, given as fractions of the length. */
export const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

/** At places given as fractions of the length. */
export function cutAtFractions(bytes: Uint8Array, fractions: readonly number[]): Uint8Array[] {
  return cutAt(bytes, fractions.map((fraction) => Math.floor(fraction * bytes.length)));
}

/** Whole, byte for byte, and every way in two: the cuts that every case is tried with. */
export function* allCuts(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield bytes.length > 0 ? [bytes] : [];
  yield single(bytes);
  yield* inTwo(bytes);
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

/** Text as bytes. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Bytes as text. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
