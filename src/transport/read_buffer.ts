/**
 * The memory that reads go to, where a runtime reads into the caller's.
 *
 * @module
 */

const SMALLEST = 512;
const LARGEST = 256 * 1024;
/** Below this much room a read is not worth its call. */
const LEAST_ROOM = 256;

/**
 * A slab that reads are cut from, one after the other. It is small while little comes, which is what an idle connection
 * costs; a read that fills all the room makes the next slab four times as large, and a read that needs a small part of it
 * a smaller one. Bytes that were handed out are never written again, unless they are released.
 */
export class ReadBuffer {
  #slab = new Uint8Array(SMALLEST);
  #size = SMALLEST;
  #used = 0;
  #last = 0;

  /** Where the next read goes. */
  room(): Uint8Array {
    const { length } = this.#slab;
    if (length !== this.#size || length - this.#used < LEAST_ROOM) {
      this.#slab = new Uint8Array(this.#size);
      this.#used = 0;
    }
    return this.#used === 0 ? this.#slab : this.#slab.subarray(this.#used);
  }

  /** Takes what a read put into `room`, its first `count` bytes. */
  take(room: Uint8Array, count: number): Uint8Array {
    this.#last = count;
    this.#used += count;
    if (count === room.length) this.#size = Math.min(this.#slab.length * 4, LARGEST);
    else if (count * 16 < room.length && this.#size > SMALLEST) this.#size = this.#size / 4;
    return count === room.length ? room : room.subarray(0, count);
  }

  /** Takes back what the last read was given. */
  release(): void {
    this.#used -= this.#last;
    this.#last = 0;
  }
}
