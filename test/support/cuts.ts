/**
 * Cuts that a property chooses, beside those of `echopipe/testing`.
 *
 * @module
 */
import fc from "fast-check";
import { cutAt } from "echopipe/testing";

/** At random places, given as fractions of the length. */
export const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

/** At places given as fractions of the length. */
export function cutAtFractions(bytes: Uint8Array, fractions: readonly number[]): Uint8Array[] {
  return cutAt(bytes, fractions.map((fraction) => Math.floor(fraction * bytes.length)));
}

export { allCuts, bytesOf, cutAt, inTwo, join, single, textOf } from "echopipe/testing";
