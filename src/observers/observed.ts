/**
 * The items that observers accept.
 *
 * @module
 */
import type { Chunk } from "../framing/chunk.ts";

/** Bytes, or a chunk of a message. */
export type Observed = Uint8Array | Chunk;

/** The bytes of an item. */
export function bytesOf(item: Observed): Uint8Array {
  return item instanceof Uint8Array ? item : item.bytes;
}
