/**
 * An observer that counts.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import type { Observed } from "./observed.ts";

/** Counts bytes and items, and passes them on unchanged. */
export class Count<T extends Observed> extends Stage<T, T> {
  /** Number of bytes so far. */
  bytes = 0;
  /** Number of items so far. */
  items = 0;

  /** Counts an item. */
  push(item: T, out: Output<T>): void {
    this.bytes += item.length;
    this.items++;
    out.push(item);
  }
}

/**
 * An observer that counts bytes and items.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { count } from "echopipe";
 *
 * const counted = count();
 * await Array.fromAsync(counted.over([new Uint8Array(3), new Uint8Array(4)]));
 * assert.deepEqual([counted.bytes, counted.items], [7, 2]);
 * ```
 */
export function count<T extends Observed = Uint8Array>(): Count<T> {
  return new Count<T>();
}
