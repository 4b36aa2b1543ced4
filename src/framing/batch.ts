/**
 * Memory for the output of encoders.
 *
 * @module
 */
import type { Output } from "../stage/stage.ts";

/** The memory that a busy encoder keeps between calls, in bytes. It begins with less: most peers say little. */
const MAX_KEPT = 16 * 1024;
/** The longest batch, in bytes. */
const MAX_BATCH = 64 * 1024;
/** The longest payload that is copied into a batch, in bytes: for longer ones, a view of their own costs less. */
const MAX_COPIED = 16 * 1024;
const NOTHING = new Uint8Array(0);

/**
 * Joins the messages that are encoded in one call into one view. The views of several calls are cut from one piece of
 * memory.
 */
export class Batch {
  /** The memory of reserved bytes; another one after each call of a method. */
  memory: Uint8Array<ArrayBuffer> = NOTHING;
  #start = 0;
  #end = 0;
  /** Length of the last batch: the next one is likely to be as long. */
  #last = 0;
  /** The least memory to make: doubled each time, as more is used. */
  #least = 512;

  /** Reserves `size` bytes at the end of the batch; returns their index in `memory`. */
  reserve(size: number, out: Output<Uint8Array<ArrayBuffer>>): number {
    if (this.#end + size > this.memory.length) this.#makeRoom(size, out);
    const at = this.#end;
    this.#end += size;
    return at;
  }

  /** Gives back the last `size` of the reserved bytes. */
  release(size: number): void {
    this.#end -= size;
  }

  /** Adds bytes: copied, or a long payload as a view of its own. */
  add(bytes: Uint8Array, out: Output<Uint8Array<ArrayBuffer>>): void {
    if (bytes.length <= MAX_COPIED) {
      const at = this.reserve(bytes.length, out);
      this.memory.set(bytes, at);
    } else {
      this.flush(out);
      // Shared memory, which the type excludes, can be written to a socket as well.
      out.push(bytes as Uint8Array<ArrayBuffer>);
    }
  }

  /** Emits the batch. */
  flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    const { memory } = this;
    const start = this.#start;
    const length = this.#end - start;
    if (length === 0) return;
    this.#last = length;
    this.#start = this.#end;
    if (memory.length > MAX_KEPT) this.#use(NOTHING);
    out.push(length === memory.length ? memory : new Uint8Array(memory.buffer, start, length));
  }

  #makeRoom(size: number, out: Output<Uint8Array<ArrayBuffer>>): void {
    if (this.#end - this.#start + size > MAX_BATCH) this.flush(out);
    const pending = this.#end - this.#start;
    const likely = Math.min(Math.max(2 * pending, this.#last), MAX_BATCH);
    const memory = new Uint8Array(Math.max(pending + size, likely, this.#least));
    this.#least = Math.min(2 * this.#least, MAX_KEPT);
    memory.set(this.memory.subarray(this.#start, this.#end));
    this.#use(memory);
    this.#end = pending;
  }

  #use(memory: Uint8Array<ArrayBuffer>): void {
    this.memory = memory;
    this.#start = this.#end = 0;
  }
}
