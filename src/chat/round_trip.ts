/**
 * How long an answer takes.
 *
 * @module
 */

/** Before anything is measured, in milliseconds (RFC 6298, 2.1). */
const FIRST = 1000;
/** The shortest and longest time to wait, in milliseconds; RFC 6298 has 1 s and 60 s, which is long for a chat. */
const LEAST = 200;
const MOST = 2000;

/** The estimate of RFC 6298: smoothed round-trip time and its variation, in milliseconds. */
export class RoundTrip {
  #smoothed: number | undefined;
  #variation = 0;

  /** Takes one measured round trip; never that of something sent twice (Karn's algorithm, RFC 6298, 3). */
  measured(ms: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = ms;
      this.#variation = ms / 2;
      return;
    }
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - ms);
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * ms;
  }

  /** The smoothed round-trip time; undefined before the first measurement. */
  get smoothed(): number | undefined {
    return this.#smoothed;
  }

  /** How long to wait for the answer to what was sent so many times, in milliseconds: doubled each time (5.5). */
  patience(times: number): number {
    const once = this.#smoothed === undefined ? FIRST : this.#smoothed + 4 * this.#variation;
    return Math.min(Math.max(once, LEAST) * 2 ** Math.min(times - 1, 16), MOST);
  }
}
