/**
 * Datagrams that were seen before.
 *
 * @module
 */

/** How far behind the newest a datagram may come. */
const WINDOW = 1024;

/** Tells whether a datagram's number is new; what is too old to tell counts as seen. Numbers begin at 1. */
export class ReplayWindow {
  readonly #seen = new Uint32Array(WINDOW);
  #newest = 0;

  /** Whether the number is new; from now on it is not. */
  admit(number: number): boolean {
    if (number === 0 || number + WINDOW <= this.#newest || this.#seen[number % WINDOW] === number) return false;
    this.#seen[number % WINDOW] = number;
    if (number > this.#newest) this.#newest = number;
    return true;
  }

  /** The highest number so far. */
  get newest(): number {
    return this.#newest;
  }
}
