/**
 * Rate limits: so many at once, so many a second.
 *
 * @module
 */
import { networkOf } from "./addresses.ts";

/** A rate. */
export interface Rate {
  /** Most a second, in the long run. */
  readonly perSecond: number;
  /** Most at once. */
  readonly atOnce: number;
}

/** A token bucket. */
export class Bucket {
  readonly #rate: Rate;
  #level: number;
  #at: number;

  /** Makes a full bucket. `now` in milliseconds. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#level = rate.atOnce;
    this.#at = now;
  }

  /** Takes that many if they are there. What takes more than a full bucket holds takes it all, and owes the rest. */
  take(count: number, now: number): boolean {
    const { perSecond, atOnce } = this.#rate;
    this.#level = Math.min(this.#level + Math.max(now - this.#at, 0) * perSecond / 1000, atOnce);
    this.#at = now;
    if (this.#level < Math.min(count, atOnce)) return false;
    this.#level -= count;
    return true;
  }

  /** Time until that many are there, in milliseconds. */
  wait(count: number, now: number): number {
    if (this.take(0, now) && this.#level >= count) return 0;
    return Math.ceil((count - this.#level) * 1000 / this.#rate.perSecond);
  }
}

/**
 * One bucket for each address, in bounded memory: at the limit the one longest unused is forgotten, and its address starts
 * anew. Addresses of one network count as one: see {@linkcode networkOf}.
 */
export class AddressLimits {
  readonly #rate: Rate;
  readonly #maxAddresses: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, most: number) {
    this.#rate = rate;
    this.#maxAddresses = most;
  }

  /** Takes one from the bucket of that address; false: there is none left. */
  admit(address: string, now: number): boolean {
    const key = networkOf(address);
    const bucket = this.#buckets.get(key) ?? new Bucket(this.#rate, now);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket); // behind all others: those before it are longer unused
    if (this.#buckets.size > this.#maxAddresses) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket.take(1, now);
  }

  /** Number of addresses that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }
}
