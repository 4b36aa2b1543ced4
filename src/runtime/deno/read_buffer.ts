/**
 * Memory for reads, where the runtime reads into a buffer of the caller.
 *
 * @module
 */

/** Sizes of a slab, in bytes: from an idle peer's to that of a bulk transfer. */
const SIZES = [512, 4096, 32 * 1024, 256 * 1024] as const;
const BULK = SIZES.length - 1;
/** The least room for a read, in bytes. */
const MIN_ROOM = 256;
/** Number of consecutive reads that fill only a small part of the slab, until the next slab is smaller. */
const SMALL_READS = 4;
/** Number of consecutive full reads until the slab gets the largest size; doubled each time that proved wrong. */
const FULL_READS = 8;
/** Limit of that doubling. */
const MAX_FULL_READS = 1024;

/**
 * A slab of memory that is handed out to reads, part after part. It is small while little arrives, so that an idle
 * connection costs little, and grows when reads fill it. It grows to the largest size only after many full reads:
 * reading half of the data in flight at a time keeps both peers busy, where one large read would leave the other
 * waiting. Memory is reused only after {@linkcode ReadBuffer.release}.
 */
export class ReadBuffer {
  #level = 0;
  #slab = new Uint8Array(SIZES[0]);
  #used = 0;
  #last = 0;
  #full = 0;
  #small = 0;
  #patience = FULL_READS;

  /** Returns the memory for the next read. */
  room(): Uint8Array {
    const size = SIZES[this.#level];
    if (this.#slab.length !== size || size - this.#used < MIN_ROOM) {
      this.#slab = new Uint8Array(size);
      this.#used = this.#last = 0; // the last read is in another slab
    }
    return this.#used === 0 ? this.#slab : this.#slab.subarray(this.#used);
  }

  /** Returns the first `count` bytes of `room`, which a read has filled. */
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

  /** Takes back the memory of the last read. */
  release(): void {
    this.#used -= this.#last;
    this.#last = 0;
  }

  #resize(step: 1 | -1): void {
    this.#level += step;
    this.#full = this.#small = 0;
  }
}
