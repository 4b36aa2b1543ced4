/**
 * Encoders for protocols of one's own.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import { Writer } from "./writer.ts";

class WritingEncoder<T> extends Stage<T, Uint8Array<ArrayBuffer>> {
  readonly #encode: (item: T, write: Writer) => void;
  readonly #write = new Writer((bytes) => this.#out!.push(bytes));
  #out: Output<Uint8Array<ArrayBuffer>> | undefined;

  constructor(encode: (item: T, write: Writer) => void) {
    super();
    this.#encode = encode;
  }

  push(item: T, out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#out = out;
    this.#encode(item, this.#write);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#out = out;
    this.#write.flush();
  }
}

/**
 * An encoder for a protocol of one's own: writes the bytes of an item, as {@linkcode decoder} reads them. What is
 * written of all items of a read leaves in one write. A function that refuses an item throws before it writes any of it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { encoder } from "echopipe";
 *
 * const notes = encoder<string>((text, write) => {
 *   const bytes = new TextEncoder().encode(text);
 *   write.u16(bytes.length);
 *   write.bytes(bytes);
 * });
 * const wire = await Array.fromAsync(notes.over(["hi", "!"]));
 * assert.deepEqual(wire.flatMap((bytes) => [...bytes]), [0, 2, 104, 105, 0, 1, 33]);
 * ```
 */
export function encoder<T>(encode: (item: T, write: Writer) => void): Stage<T, Uint8Array<ArrayBuffer>> {
  return new WritingEncoder(encode);
}
