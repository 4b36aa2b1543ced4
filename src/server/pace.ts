/**
 * The pace of one direction of a connection.
 *
 * @module
 */

/** Tells when too few bytes have passed for too long, from looks at a counter. */
export class Pace {
  readonly #limit: number;
  readonly #needed: number;
  #from = 0;
  #base = -Infinity;

  /** At least `needed` bytes are expected in every `limit` milliseconds; 0: no limit. */
  constructor(limit: number, needed = 1) {
    this.#limit = limit;
    this.#needed = needed;
  }

  /** True once too few bytes came while bytes were expected. `total` is the counter, `now` in milliseconds. */
  isTooSlow(expected: boolean, total: number, now: number): boolean {
    if (this.#limit === 0) return false;
    if (!expected || total - this.#base >= this.#needed) {
      this.#base = total;
      this.#from = now;
      return false;
    }
    return now - this.#from >= this.#limit;
  }
}
