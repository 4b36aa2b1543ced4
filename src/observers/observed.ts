/**
 * What observers can look at.
 *
 * @module
 */
import type { Portion } from "../framing/portion.ts";

/** Bytes, or a portion of them. */
export type Observed = Uint8Array | Portion;

/** The bytes of what passes. */
export function bytesOf(item: Observed): Uint8Array {
  return item instanceof Uint8Array ? item : item.bytes;
}
