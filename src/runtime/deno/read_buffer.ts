/**
 * The memory that reads go to, where a runtime reads into the caller's.
 *
 * @module
 */

/** The sizes of a slab, in bytes: for a peer that is idle or says little, for one that is busy, for bulk. */
const SIZES = [512, 4096, 32 * 1024, 256 * 1024] as const;
const BULK = SIZES.length - 1;
/** Below this much room a read is not worth its call. */
const MIN_ROOM = 256;
/** So many reads in a row that need a small part of the slab make the next one smaller. */
const SMALL_READS = 4;
/** So many full reads in a row make a slab for bulk; twice as many each time that was a mistake, up to the limit. */
const FULL_READS = 8;
const MAX_FULL_READS = 1024;

/**
 * A slab that reads are cut from, one after the other. It is small while little comes, which is what an idle connection
 * costs, and grows when reads fill it. The step to the largest size takes patience: two halves of what a peer has in
 * flight, read in turn, keep both ends at work where one large read would leave the peer waiting. Bytes that were handed
 * out are never written again, unless they are released.
 */
export class ReadBuffer {
  #level = 0;
  #slab = new Uint8Array(SIZES[0]);
  #used = 0;
  #last = 0;
  #full = 0;
  #small = 0;
  #patience = FULL_READS;

  /** Where the next read goes. */
  room(): Uint8Array {
    const size = SIZES[this.#level];
    if (this.#slab.length !== size || size - this.#used < MIN_ROOM) {
      this.#slab = new Uint8Array(size);
      this.#used = this.#last = 0; // what was last read is in another slab
    }
    return this.#used === 0 ? this.#slab : this.#slab.subarray(this.#used);
  }

  /** Takes what a read put into `room`, its first `count` bytes. */
  take(room: Uint8Array, count: number): Uint8Array {
    this.#last = count;
    this.#used += count;
    if (count === room.length) {
      this.#small = 0;
      if (this.#level < BULK && ++this.#full >= (this.#level < BULK - 1 ? 1 : this.#patience)) this.#resize(1);
      return room;
    }
    this.#full = 0;
    if (count * 4 > room.length) this.#small = 0;
    else if (this.#level > 0 && ++this.#small >= SMALL_READS) {
      if (this.#level === BULK) this.#patience = Math.min(this.#patience * 2, MAX_FULL_READS);
      this.#resize(-1);
    }
    return room.subarray(0, count);
  }

  /** Takes back what the last read was given. */
  release(): void {
    this.#used -= this.#last;
    this.#last = 0;
  }

  #resize(step: 1 | -1): void {
    this.#level += step;
    this.#full = this.#small = 0;
  }
}
