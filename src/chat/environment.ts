/**
 * Time and randomness, which tests replace, so that every run is the same.
 *
 * @module
 */

/** Time. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Calls `work` once, after `ms` milliseconds; the returned function cancels it. */
  timer(ms: number, work: () => void): () => void;
}

/** Time and randomness. */
export interface Environment {
  /** The clock. */
  readonly clock: Clock;
  /** So many random bytes, fit for keys. */
  random(size: number): Uint8Array;
}

/** The system's clock and randomness. */
export const system: Environment = {
  clock: {
    now: () => Date.now(),
    timer(ms, work) {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    },
  },
  random: (size) => crypto.getRandomValues(new Uint8Array(size)),
};

/** `ms` spread evenly from three to five quarters of it, so that many clients never fall into step. */
export function spread(ms: number, { random }: Environment): number {
  return Math.round(ms * (0.75 + random(1)[0] / 510));
}
