/**
 * What observers can look at.
 *
 * @module
 */
import type { Chunk } from "../framing/chunk.ts";

/** Bytes, or a chunk of them. */
export type Observed = Uint8Array | Chunk;

/** The bytes of what passes. */
export function bytesOf(item: Observed): Uint8Array {
  return item instanceof Uint8Array ? item : item.bytes;
}
