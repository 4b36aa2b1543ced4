/**
 * The time that a server is given.
 *
 * @module
 */

/** Number of times that the whole of it is waited for. */
const FULL_WAITS = 2;
/** The limit after that, in milliseconds. */
const SHORT_MS = 1000;

/**
 * Limit of time without progress. A server that has used it up twice is given at most a second from then on: a hundred
 * cases that hang take two minutes, not ten.
 */
export class Patience {
  readonly #full: number;
  #expired = 0;

  /** Begins with a limit in milliseconds. */
  constructor(ms: number) {
    this.#full = ms;
  }

  /** The limit now, in milliseconds. */
  get ms(): number {
    return this.#expired < FULL_WAITS ? this.#full : Math.min(this.#full, SHORT_MS);
  }

  /** Notes that it was used up. */
  expired(): void {
    this.#expired++;
  }
}
