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
 * The result of a request that the bytes at hand satisfy: an iterator that is at its end at once, and is its own last
 * result. A reader has one for all requests, so that they cost no allocation and no resumption of a generator.
 */
export class Ready {
  /** As of the last result of an iterator. */
  readonly done = true;
  /** The result. */
  value: unknown;

  /** Returns itself. */
  [Symbol.iterator](): this {
    return this;
  }

  /** Returns itself. */
  next(): this {
    return this;
  }

  /** Sets the result, and returns itself. */
  with<T>(value: T): Reading<T> {
    this.value = value;
    return this as unknown as Reading<T>;
  }
}
