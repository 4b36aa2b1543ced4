/**
 * Joins neighbouring views without copying them.
 *
 * @module
 */
import type { Output } from "../stage/stage.ts";

/**
 * The run of neighbouring bytes that an encoder holds back: views that follow each other in one buffer leave as one
 * view, so that many messages of one read become one write.
 */
export class SpanJoiner {
  #source: Uint8Array | undefined;
  #start = 0;
  #end = 0;

  /** Adds bytes: to the run if they continue it, else behind it, as the beginning of a new one. */
  add(source: Uint8Array, start: number, end: number, out: Output<Uint8Array>): void {
    if (this.#source !== source || this.#end !== start) {
      this.flush(out);
      this.#source = source;
      this.#start = start;
    }
    this.#end = end;
  }

  /** Sends the run on. */
  flush(out: Output<Uint8Array>): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#source = undefined;
    const whole = this.#start === 0 && this.#end === source.length;
    if (this.#end > this.#start) out.push(whole ? source : source.subarray(this.#start, this.#end));
  }
}
