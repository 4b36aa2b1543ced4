/**
 * Counters of a server's connections, for one thread or several.
 *
 * @module
 */

/** The places of the counters: 64 bits each, which no server fills. */
const OPEN = 0;
const SERVED = 1;
const REFUSED = 2;

/** Counts that hold across all threads that have them over the same memory. */
export class Counters {
  /** The memory, to be handed to other threads. */
  readonly memory: ArrayBuffer | SharedArrayBuffer;
  readonly #counts: BigInt64Array;

  /** Counts in `memory`. Default: in memory of its own, for one thread. */
  constructor(memory: ArrayBuffer | SharedArrayBuffer = new ArrayBuffer(Counters.BYTES)) {
    this.memory = memory;
    this.#counts = new BigInt64Array(memory);
  }

  /** Size of the memory for the counters, in bytes. */
  static readonly BYTES: number = 3 * BigInt64Array.BYTES_PER_ELEMENT;

  /** Number of open connections. */
  get open(): number {
    return Number(Atomics.load(this.#counts, OPEN));
  }

  /** Number of connections that were served so far. */
  get served(): number {
    return Number(Atomics.load(this.#counts, SERVED));
  }

  /** Takes a place for a connection; false: `limit` are open, whichever threads serve them. */
  take(limit: number): boolean {
    for (let open = Atomics.load(this.#counts, OPEN); open < limit;) {
      const found = Atomics.compareExchange(this.#counts, OPEN, open, open + 1n);
      if (found === open) return true;
      open = found; // another thread was faster
    }
    return false;
  }

  /** Gives a place back. */
  giveBack(): void {
    Atomics.sub(this.#counts, OPEN, 1n);
  }

  /** The number of a connection that is served, from 1. */
  next(): number {
    return Number(Atomics.add(this.#counts, SERVED, 1n)) + 1;
  }

  /** One more connection is refused; how many that makes. */
  refuse(): number {
    return Number(Atomics.add(this.#counts, REFUSED, 1n)) + 1;
  }
}
