/**
 * Delays for those who guess.
 *
 * @module
 */
import { networkOf } from "../addresses.ts";
import { nameKey } from "../names.ts";

/** Options of {@linkcode Throttle}; all times in milliseconds. */
export interface ThrottleOptions {
  /** Wrong passwords for one account that cost no delay. Default 5. */
  readonly accountFree?: number;
  /** The longest delay of an account. Default 4,000: whoever knows the password waits this long at worst. */
  readonly accountMax?: number;
  /** Wrong passwords from one address that cost no delay. Default 20: many people may share one. */
  readonly addressFree?: number;
  /** The longest delay of an address. Default 60,000. */
  readonly addressMax?: number;
  /** Names that may be registered from one address at once; then one for each that is forgotten. Default 100. */
  readonly registrationFree?: number;
  /** The time after which one wrong password, or one registration, is forgotten. Default 60,000. */
  readonly forget?: number;
  /** Accounts, and addresses, that are remembered; beyond it those that failed least recently are forgotten. Default 10,000. */
  readonly remembered?: number;
  /** A clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** The answer of a throttle to an attempt. */
export interface Delay {
  /** Time to wait before it goes on, in milliseconds. */
  readonly wait: number;
  /** Set where the attempt is refused: the time until the next one is allowed, in seconds. */
  readonly retryAfter?: number;
}

/** Failures of one account or address, or its registrations. */
interface Failures {
  count: number;
  last: number;
}

/**
 * Growing delays for each account, and for each address (of IPv6 the /64, which is one customer's: RFC 6177).
 *
 * An address that guesses is turned away. An account never is, or any stranger could lock its owner out: attempts on it
 * only take longer, up to a few seconds, and not at all from where its owner has come from before.
 */
export class Throttle {
  readonly #options: Required<ThrottleOptions>;
  readonly #accounts = new Map<string, Failures>();
  readonly #addresses = new Map<string, Failures>();
  readonly #registrations = new Map<string, Failures>();

  /** Makes a throttle; times are in milliseconds. */
  constructor(options: ThrottleOptions = {}) {
    this.#options = {
      accountFree: 5,
      accountMax: 4000,
      addressFree: 20,
      addressMax: 60_000,
      registrationFree: 100,
      forget: 60_000,
      remembered: 10_000,
      now: () => performance.now(),
      ...options,
    };
  }

  /** The delay of an attempt now; `known`: the account's owner has come from this address before. */
  delay(account: string, address: string, known = false): Delay {
    const { accountFree, accountMax, addressFree, addressMax, now } = this.#options;
    const network = this.#recall(this.#addresses, networkOf(address));
    const blocked = network === undefined
      ? 0
      : network.last + growing(network.count - addressFree, 1000, addressMax) - now();
    if (blocked > 0) return { wait: 0, retryAfter: Math.ceil(blocked / 1000) };
    const own = known ? undefined : this.#recall(this.#accounts, nameKey(account));
    return { wait: own === undefined ? 0 : growing(own.count - accountFree, 250, accountMax) };
  }

  /** An attempt has failed. */
  failed(account: string, address: string): void {
    this.#count(this.#accounts, nameKey(account));
    this.#count(this.#addresses, networkOf(address));
  }

  /** The delay of a registration now: never a wait. */
  registration(address: string): Delay {
    const { registrationFree, forget, now } = this.#options;
    const made = this.#recall(this.#registrations, networkOf(address));
    if (made === undefined || made.count < registrationFree) return { wait: 0 };
    return { wait: 0, retryAfter: Math.ceil((forget - (now() - made.last) % forget) / 1000) };
  }

  /** A name is registered. */
  registered(address: string): void {
    this.#count(this.#registrations, networkOf(address));
  }

  #count(map: Map<string, Failures>, key: string): void {
    const count = (this.#recall(map, key)?.count ?? 0) + 1;
    map.delete(key); // to the end: the map is in the order of the last failures
    map.set(key, { count, last: this.#options.now() });
    if (map.size > this.#options.remembered) map.delete(map.keys().next().value!);
  }

  /** The failures that are not forgotten yet. */
  #recall(map: Map<string, Failures>, key: string): Failures | undefined {
    const failures = map.get(key);
    if (failures === undefined) return undefined;
    const { forget, now } = this.#options;
    const count = failures.count - Math.floor((now() - failures.last) / forget);
    return count > 0 ? { count, last: failures.last } : void map.delete(key);
  }
}

/** Doubles from `first` with each failure beyond the free ones, up to `max`. */
function growing(beyond: number, first: number, max: number): number {
  return beyond <= 0 ? 0 : Math.min(first * 2 ** (beyond - 1), max);
}
