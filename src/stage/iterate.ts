/**
 * Stages over an iterable.
 *
 * @module
 */
import type { AnySteps, Failure } from "./contract.ts";
import { type Consumer, Run } from "./run.ts";

const DONE: IteratorReturnResult<void> = { done: true, value: undefined };

/** The options of {@linkcode Stage.over}. */
export interface OverOptions {
  /**
   * True: leaving the loop early, or a failure of the stage, leaves the source as it is, a stream unlocked. What was
   * made of its last item is lost. Default false: the source is cancelled.
   */
  readonly preventCancel?: boolean;
}

/**
 * Runs claimed stages over an iterable. The source is asked for an item once the output of the last one is consumed.
 */
export function iterate<I, O>(
  stages: readonly AnySteps[],
  source: AsyncIterable<I> | Iterable<I>,
  options: OverOptions = {},
): AsyncGenerator<O, void, void> {
  return new Iteration<I, O>(stages, source, options);
}

/**
 * The output of stages as an async generator. Written by hand: the `yield` of the language costs three turns of the queue
 * of promises an item, and this none where one read makes many items.
 */
class Iteration<I, O> implements AsyncGenerator<O, void, void>, Consumer<O> {
  readonly #source: AsyncIterable<I> | Iterable<I>;
  readonly #preventCancel: boolean;
  readonly #run: Run<I, O>;
  #items: AsyncIterator<I> | Iterator<I> | undefined;
  /** Output that was not asked for yet, from `#at` on. */
  #made: O[] = [];
  #at = 0;
  /** Calls of `next` that wait for an item. */
  readonly #waiting: PromiseWithResolvers<IteratorResult<O, void>>[] = [];
  /** A call of `next` is on the stack, and has no item yet. */
  #asking = false;
  /** Resolves when all that was made is consumed; made when a stage waits for it. */
  #consumed: PromiseWithResolvers<void> | undefined;
  /** The source was asked, or a stage is busy. */
  #pulling = false;
  /** The source was asked, and has not answered yet. */
  #reading = false;
  /** No more input is read. */
  #stopped = false;
  /** The source ended or threw: its `return` must not be called. */
  #exhausted = false;
  /** The stages have ended. */
  #finished = false;
  #failure: Failure | undefined;
  /** The end or the failure was reported, or the consumer has left. */
  #over = false;

  constructor(
    stages: readonly AnySteps[],
    source: AsyncIterable<I> | Iterable<I>,
    { preventCancel = false }: OverOptions,
  ) {
    this.#source = source;
    this.#preventCancel = preventCancel;
    this.#run = new Run<I, O>(stages, this);
  }

  next(): Promise<IteratorResult<O, void>> {
    if (this.#at < this.#made.length) return Promise.resolve({ done: false, value: this.#made[this.#at++] });
    if (this.#finished) return this.#conclude();
    this.#made.length = this.#at = 0;
    this.#consumed?.resolve();
    this.#consumed = undefined;
    if (this.#items !== undefined && !this.#pulling) {
      this.#asking = true; // a source that answers at once takes no promise but this one
      this.#pull();
      this.#asking = false;
      if (this.#made.length > 0) return Promise.resolve({ done: false, value: this.#made[this.#at++] });
      if (this.#finished) return this.#conclude();
    }
    const waiting = Promise.withResolvers<IteratorResult<O, void>>();
    this.#waiting.push(waiting);
    if (this.#items === undefined) this.#start();
    return waiting.promise;
  }

  async return(): Promise<IteratorResult<O, void>> {
    await this.#leave();
    return DONE;
  }

  async throw(error: unknown): Promise<IteratorResult<O, void>> {
    await this.#leave();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  get [Symbol.toStringTag](): string {
    return "AsyncGenerator";
  }

  /** Called by the run: an item. */
  push(item: O): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#made.push(item);
    else waiting.resolve({ done: false, value: item });
  }

  /** Called by the run: pending until everything is consumed, and more is asked for. */
  drained(): void | Promise<void> {
    if (this.#isAsked || this.#finished) return;
    return (this.#consumed ??= Promise.withResolvers<void>()).promise;
  }

  /** Called by the run: no more input is needed. */
  stopped(): void {
    this.#stopped = true;
  }

  /** Called by the run: the stages have ended. */
  settled(failure?: Failure): void {
    this.#failure = failure;
    this.#finished = true;
    this.#consumed?.resolve();
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(this.#conclude());
  }

  get #isAsked(): boolean {
    return this.#waiting.length > 0 || this.#asking && this.#made.length === 0;
  }

  #start(): void {
    this.#pulling = true;
    try {
      this.#items = iteratorOf(this.#source, this.#preventCancel);
    } catch (error) {
      return this.#failed(error);
    }
    const starting = this.#run.start();
    if (starting === undefined) this.#pull();
    else starting.then(this.#pull);
  }

  /** Reads the source until an item was made for each that waits. */
  readonly #pull = (): void => {
    this.#pulling = true;
    while (this.#isAsked && !this.#stopped) {
      this.#reading = true;
      try {
        const result = this.#items!.next();
        if (isPromise(result)) return void result.then(this.#read, this.#failed);
        if (this.#take(result)) return;
      } catch (error) {
        return this.#failed(error);
      }
    }
    this.#pulling = false;
  };

  readonly #read = (result: IteratorResult<I>): void => {
    if (!this.#take(result)) this.#pull();
  };

  /** Gives the stages an item, or the end. True while one of them is busy. */
  #take({ done, value }: IteratorResult<I>): boolean {
    this.#reading = false;
    if (done) this.#exhausted = true;
    if (this.#stopped) return false;
    if (done) this.#stopped = true;
    const pending = done ? this.#run.finish() : this.#run.push(value);
    pending?.then(this.#pull);
    return pending !== undefined;
  }

  /** The source has failed. */
  readonly #failed = (error: unknown): void => {
    this.#reading = false;
    this.#exhausted = this.#stopped = true;
    this.#run.fail(error);
  };

  /** The result of the first `next` after the last item: the failure, if there was one. */
  async #conclude(): Promise<IteratorResult<O, void>> {
    if (this.#over) return DONE;
    const failure = this.#failure;
    await this.#leave();
    if (failure !== undefined) throw failure.reason;
    return DONE;
  }

  /** Cancels what still runs, once. */
  async #leave(): Promise<void> {
    if (this.#over) return;
    this.#over = this.#stopped = this.#finished = true;
    this.#made = [];
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(DONE);
    if (this.#items === undefined) return; // it has not begun
    this.#consumed?.resolve(); // for a stage that waits for the consumer
    const cancelled = this.#failure === undefined ? this.#run.cancel(undefined) : undefined;
    const left = this.#exhausted || this.#preventCancel && !(this.#source instanceof ReadableStream);
    const returned = left ? undefined : Promise.resolve(this.#items.return?.());
    if (this.#reading) returned?.catch(() => {}); // not awaited: the source may wait for an item that never comes
    else await returned;
    await cancelled;
  }
}

function isPromise<T>(result: T | PromiseLike<T>): result is PromiseLike<T> {
  return result instanceof Promise || "then" in (result as PromiseLike<T>);
}

function iteratorOf<I>(
  source: AsyncIterable<I> | Iterable<I>,
  preventCancel: boolean,
): AsyncIterator<I> | Iterator<I> {
  if (preventCancel && source instanceof ReadableStream) return source.values({ preventCancel });
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}
