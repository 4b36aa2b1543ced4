/**
 * Requests for bytes, and their results.
 *
 * @module
 */

/** Yielded by a {@linkcode Reader} to its decoder: more bytes are needed. A grammar passes it on by `yield*`. */
export interface NeedMore {
  /** Tells it from every item. */
  readonly needMore: true;
}

/** The only value of {@linkcode NeedMore}. */
export const needMore: NeedMore = { needMore: true };

/** A request in progress: `yield*` gives its result. The return type of a part of a grammar, too. */
export type Reading<T> = Generator<NeedMore, T, void>;

/**
 * The request of a reader that was made last, as the iterator that `yield*` runs to its end, and the result of each of
 * its steps. A reader has one for all requests, so that they cost no allocation; and one that the bytes at hand satisfy
 * is done at once, with no resumption of a generator.
 */
export class ReadRequest {
  /** False while the request waits for bytes. */
  done = true;
  /** The result of the request; {@linkcode needMore} while it waits. */
  value: unknown;
  /** Tries once more; returns {@linkcode needMore} where there are too few bytes. */
  #attempt: () => unknown = () => needMore;

  /** Returns itself. */
  [Symbol.iterator](): this {
    return this;
  }

  /** Tries once more, unless the request is done; returns itself. */
  next(): this {
    if (!this.done) {
      this.value = this.#attempt();
      this.done = this.value !== needMore;
    }
    return this;
  }

  /** Begins a request that is done, with its result. */
  result<T>(value: T): Reading<T> {
    this.done = true;
    this.value = value;
    return this as unknown as Reading<T>;
  }

  /** Begins a request that may have to wait. */
  wait<T>(attempt: () => T | NeedMore): Reading<T> {
    this.done = false;
    this.#attempt = attempt;
    return this as unknown as Reading<T>;
  }
}
