/**
 * Handlers that work on several items at a time.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";

/** Beside the item, a handler of {@linkcode mapConcurrent} gets this. */
export interface HandlerContext<P = undefined> {
  /** Aborted when the stream is torn down: nobody needs the result any more. */
  readonly signal: AbortSignal;
  /** The peer that the options name. */
  readonly peer: P;
}

/** Makes the result of an item; `undefined`: there is none to pass on. */
export type ItemHandler<I, O, P = undefined> = (
  item: I,
  context: HandlerContext<P>,
) => O | undefined | void | Promise<O | undefined | void>;

/** The options of {@linkcode mapConcurrent}. */
export interface MapConcurrentOptions<P = undefined> {
  /** Results leave in the order of their items (true), or as they are ready (false). Default true. */
  readonly ordered?: boolean;
  /** Passed on to the handler: the connection, for example. */
  readonly peer?: P;
}

/** A place in the order of results. */
interface Place<O> {
  done: boolean;
  result: O | undefined | void;
}

class MapConcurrent<I, O, P> extends Stage<I, O> {
  readonly #max: number;
  readonly #handler: ItemHandler<I, O, P>;
  readonly #ordered: boolean;
  readonly #abort = new AbortController();
  readonly #context: HandlerContext<P>;
  /** Results to pass on, the earliest first; those before `#next` have been. */
  #places: Place<O>[] = [];
  #next = 0;
  #active = 0;
  /** Resolves when a handler is done; set while a call of the stage waits for it. */
  #freed: PromiseWithResolvers<void> | undefined;

  constructor(max: number, handler: ItemHandler<I, O, P>, { ordered = true, peer }: MapConcurrentOptions<P>) {
    super();
    this.#max = max;
    this.#handler = handler;
    this.#ordered = ordered;
    this.#context = { signal: this.#abort.signal, peer: peer as P };
  }

  push(item: I, out: Output<O>): void | Promise<void> {
    const result = this.#handler(item, this.#context);
    if (!(result instanceof Promise)) {
      if (this.#next === this.#places.length || !this.#ordered) return pass(result, out);
      this.#places.push({ done: true, result });
    } else {
      out.keep(); // the handler goes on to use the item
      this.#active++;
      void this.#await(result, out);
    }
    // Results that wait for an earlier one count, too: their number is what the limit is for.
    if (this.#pending() >= this.#max) return this.#below(this.#max);
  }

  override end(): void | Promise<void> {
    if (this.#pending() > 0) return this.#below(1);
  }

  override cancel(reason: unknown): void {
    this.#abort.abort(reason ?? new EchopipeError("ended", "Cannot go on: the consumer has left"));
    this.#freed?.resolve();
  }

  async #await(pending: Promise<O | undefined | void>, out: Output<O>): Promise<void> {
    const place: Place<O> | undefined = this.#ordered ? { done: false, result: undefined } : undefined;
    if (place !== undefined) this.#places.push(place);
    try {
      const result = await pending;
      if (place === undefined) pass(result, out);
      else {
        place.result = result;
        place.done = true;
        this.#passReady(out);
      }
    } catch (reason) {
      out.fail(reason);
      this.#abort.abort(reason);
    } finally {
      this.#active--;
      this.#freed?.resolve();
    }
  }

  #passReady(out: Output<O>): void {
    while (this.#places[this.#next]?.done) pass(this.#places[this.#next++].result, out);
    if (this.#next < this.#max && this.#next < this.#places.length) return;
    this.#places.splice(0, this.#next);
    this.#next = 0;
  }

  #pending(): number {
    return this.#ordered ? this.#places.length - this.#next : this.#active;
  }

  /** Resolves when fewer handlers than that are pending. */
  async #below(count: number): Promise<void> {
    while (this.#pending() >= count && !this.#abort.signal.aborted) {
      this.#freed = Promise.withResolvers();
      await this.#freed.promise;
    }
    this.#freed = undefined;
  }
}

function pass<O>(result: O | undefined | void, out: Output<O>): void {
  if (result !== undefined) out.push(result as O);
}

/**
 * A stage that calls a handler for each item, and passes on what it returns. Up to `max` handlers work at a time; with
 * that many pending, no more is read. A handler that fails, or throws, fails the stream: the signal of the others is
 * aborted.
 *
 * @example Slow answers, in the order of the questions
 * ```ts
 * import assert from "node:assert/strict";
 * import { mapConcurrent } from "echopipe";
 *
 * const answers = mapConcurrent(4, async (ms: number, { signal }) => {
 *   await new Promise((resume) => setTimeout(resume, ms));
 *   return signal.aborted ? undefined : `${ms} ms`;
 * });
 * assert.deepEqual(await Array.fromAsync(answers.over([20, 5])), ["20 ms", "5 ms"]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` if `max` is not from 1 to 1,048,576
 */
export function mapConcurrent<I, O, P = undefined>(
  max: number,
  handler: ItemHandler<I, O, P>,
  options: MapConcurrentOptions<P> = {},
): Stage<I, O> {
  return new MapConcurrent(checkInteger("max", max, 1, 1 << 20), handler, options);
}
