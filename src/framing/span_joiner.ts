/**
 * Joins adjacent views without copying.
 *
 * @module
 */
import type { Output } from "../stage/stage.ts";

/**
 * Joins views that follow each other in one buffer: an encoder holds them back and emits them as one view, so that many
 * messages of one read leave in one write.
 */
export class SpanJoiner {
  #source: Uint8Array | undefined;
  #start = 0;
  #end = 0;

  /** Adds bytes to the held view if they follow it in its buffer; else emits that view and holds the new bytes. */
  add(source: Uint8Array, start: number, end: number, out: Output<Uint8Array<ArrayBuffer>>): void {
    if (this.#source !== source || this.#end !== start) {
      this.flush(out);
      this.#source = source;
      this.#start = start;
    }
    this.#end = end;
  }

  /** Emits the held view. */
  flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#source = undefined;
    const whole = this.#start === 0 && this.#end === source.length;
    if (this.#end === this.#start) return;
    const view = whole ? source : source.subarray(this.#start, this.#end);
    out.push(view as Uint8Array<ArrayBuffer>); // shared memory, which the type excludes, is written all the same
  }
}
