/**
 * Jitter of round-trip times.
 *
 * @module
 */

/** The gain of the estimator. */
const GAIN = 1 / 16;

/**
 * Interarrival jitter as RFC 3550, 6.4.1, estimates it: `J += (|D| - J) / 16`, where D is the difference of two successive
 * transit times. Here they are round-trip times, since the clock of the server is not known.
 */
export class Jitter {
  #last = NaN;
  #jitter = 0;

  /** The estimate, in the unit of the times; null before the second. */
  value: number | null = null;

  /** Takes the next time. */
  add(time: number): void {
    const difference = Math.abs(time - this.#last);
    this.#last = time;
    if (Number.isNaN(difference)) return;
    this.#jitter += (difference - this.#jitter) * GAIN;
    this.value = this.#jitter;
  }
}
