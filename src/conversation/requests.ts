/**
 * Requests that wait for their replies.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/** Tells which reply belongs to which request. */
export interface Matching<I, O> {
  /** Id of a request, unique among those pending. */
  request(item: O): unknown;
  /** Id of the request that an item answers; `undefined` if it is no reply: {@linkcode Conversation.receive} gets it. */
  reply(item: I): unknown;
}

/** The functions of the promise of a reply. */
interface Pending<I> {
  resolve(reply: I): void;
  reject(reason: unknown): void;
}

/** Requests in order, or by their ids. A request that was given up keeps its place until its reply, which is dropped. */
export class Requests<I, O> {
  readonly #matching: Matching<I, O> | undefined;
  readonly #max: number;
  readonly #pending = new Map<unknown, Pending<I>>();
  /** Without ids, requests and replies are numbered. */
  #requested = 0;
  #replied = 0;
  /** Id of the request that is being added. */
  #adding: unknown;

  /** Makes the table of at most `max` requests. */
  constructor(max: number, matching: Matching<I, O> | undefined) {
    this.#max = max;
    this.#matching = matching;
  }

  /** Number of requests without a reply. */
  get size(): number {
    return this.#pending.size;
  }

  /** Throws `busy` at the limit, and `in-use` for an id that is pending. Returns the id to add the request by. */
  check(item: O): unknown {
    if (this.#pending.size >= this.#max) {
      throw new EchopipeError(
        "busy",
        `Cannot send a request: ${this.#pending.size} wait for their replies; expected at most ${this.#max}`,
        { received: this.#pending.size + 1, limit: this.#max },
      );
    }
    if (this.#matching === undefined) return this.#requested;
    const id = this.#matching.request(item);
    if (!this.#pending.has(id)) return id;
    throw new EchopipeError(
      "in-use",
      `Cannot send a request: its id ${JSON.stringify(id)} is that of a pending one; expected a new one`,
    );
  }

  /** Adds a request that was sent: the promise of its reply. The signal gives it up. */
  add(id: unknown, signal: AbortSignal | undefined): Promise<I> {
    this.#requested++;
    this.#adding = id;
    const promise = new Promise<I>(this.#store);
    if (signal === undefined) return promise;
    const { reject } = this.#pending.get(id)!;
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", abort));
  }

  /** Stores the functions of a promise: one function for all of them, as there are many. */
  readonly #store = (resolve: (reply: I) => void, reject: (reason: unknown) => void): void => {
    this.#pending.set(this.#adding, { resolve, reject });
  };

  /** Settles the request that an item answers; false if it answers none. */
  settle(item: I): boolean {
    if (this.#pending.size === 0) return false;
    const id = this.#matching === undefined ? this.#replied : this.#matching.reply(item);
    const pending = this.#pending.get(id);
    if (pending === undefined) return false;
    this.#pending.delete(id);
    this.#replied++;
    pending.resolve(item);
    return true;
  }

  /** Fails all requests. */
  fail(reason: unknown): void {
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }
}
