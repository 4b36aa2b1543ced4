/**
 * Memory for a message that arrives in pieces.
 *
 * @module
 */

/** The first memory of a message whose length is known, in bytes: what a header promises is not believed beyond it. */
const MAX_TRUSTED = 64 * 1024;
/** Memory that is kept for the next message, in bytes: it is what an idle peer costs. */
const MAX_KEPT = 1024;
const NOTHING = new Uint8Array(0);

/**
 * Collects the bytes of one message. Memory grows with what has arrived, not with what was announced: by doubling, so
 * that no byte is copied more than twice on average.
 */
export class Gather {
  /** The bytes so far; those from `length` on are free. */
  memory: Uint8Array<ArrayBuffer> = NOTHING;
  /** Number of bytes so far. */
  length = 0;

  /** Adds `source` from `start` to `end`. `total` is the length of the message, where it is known. */
  add(source: Uint8Array, start: number, end: number, total: number = Infinity): void {
    const length = this.length + end - start;
    if (length > this.memory.length) this.#grow(length, total);
    if (end - start === 1) this.memory[this.length] = source[start];
    else this.memory.set(source.subarray(start, end), this.length);
    this.length = length;
  }

  /** Returns the bytes, in memory of exactly their length, and begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const { memory, length } = this;
    this.memory = NOTHING;
    this.length = 0;
    return length === memory.length ? memory : memory.slice(0, length);
  }

  /** Begins anew, in the same memory if there is little of it. */
  clear(): void {
    this.length = 0;
    if (this.memory.length > MAX_KEPT) this.memory = NOTHING;
  }

  #grow(length: number, total: number): void {
    const least = total === Infinity ? 64 : Math.min(total, MAX_TRUSTED);
    const grown = new Uint8Array(Math.min(Math.max(length, 2 * this.memory.length, least), Math.max(total, length)));
    grown.set(this.memory.subarray(0, this.length));
    this.memory = grown;
  }
}
