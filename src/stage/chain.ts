/**
 * Chains of stages as streams.
 *
 * @module
 */
import { type Origin, ReadableEnd } from "./readable_end.ts";
import { type AnySteps, isStage } from "./contract.ts";
import { type Consumer, Run } from "./run.ts";

/** A writable stream that a chain can write to with no stream between. */
export interface DirectWritable {
  /** Begins to take the output of a chain, once the stream is locked. */
  [openDirect](chain: Chain): Destination;
}

/** The key of {@linkcode DirectWritable}. */
export const openDirect: unique symbol = Symbol("echopipe.openDirect");

/** The end of a chain that writes. */
export interface Destination {
  /** Takes the output. */
  readonly consumer: Consumer<unknown>;
  /** Resolves when all is written and the destination was ended; rejects with the first failure. */
  readonly done: Promise<void>;
  /** What was written is not to be completed. */
  abort(reason: unknown): void | Promise<void>;
}

/** A chain as its destination sees it. */
export interface Chain {
  /** Takes no more items: a stage has failed, or ended the stream. */
  stop(reason: unknown): void;
  /** The destination has failed: the stages hear of it. */
  cancel(reason: unknown): void;
}

/** How a chain is run. */
export interface DirectOptions {
  /** A failure leaves the destination as it is. Default false: it is aborted. */
  readonly preventAbort?: boolean;
  /** A failure leaves the origin as it is. Default false: it is cancelled. */
  readonly preventCancel?: boolean;
}

/**
 * Runs stages between an origin and a destination, with nothing between. Resolves when the stream has ended and all is
 * written; rejects with the first failure, after what was made before it is written.
 */
export async function runDirect(
  origin: Origin,
  stages: readonly AnySteps[],
  open: (chain: Chain) => Destination,
  { preventAbort = false, preventCancel = false }: DirectOptions = {},
): Promise<void> {
  const destination = open({
    stop: (reason) => origin.stop(reason),
    cancel(reason) {
      origin.stop(reason);
      run.cancel(reason).catch(() => {}); // the destination's failure is the one to report
    },
  });
  const run = new Run<unknown, unknown>(stages, destination.consumer);
  origin.feed(run, destination.consumer);
  try {
    await destination.done;
  } catch (error) {
    await Promise.allSettled([
      preventCancel ? undefined : origin.cancel(error),
      preventAbort ? undefined : destination.abort(error),
    ]);
    throw error;
  }
}

/**
 * A stream at the end of stages, which stages join by `pipeThrough`: however many, they run in one call, and `pipeTo` to a
 * stream of a connection's runs them between its read and its write. To everybody else it is a `ReadableStream`.
 */
export class ChainReadable<T> extends ReadableStream<T> {
  readonly #origin: Origin;
  readonly #stages: readonly AnySteps[];
  readonly #end: ReadableEnd;

  /** A stream of what the stages make of the origin's items. */
  constructor(origin: Origin, stages: readonly AnySteps[] = []) {
    const end = new ReadableEnd(origin, stages);
    super(end as UnderlyingDefaultSource<T>, { highWaterMark: 0 });
    this.#origin = origin;
    this.#stages = stages;
    this.#end = end;
  }

  /** Joins a stage; as of any `ReadableStream` with what else is a pair of streams, or with options. */
  override pipeThrough<O>(transform: ReadableWritablePair<O, T>, options?: StreamPipeOptions): ReadableStream<O> {
    if (!isStage(transform) || options !== undefined || this.#end.begun || this.locked) {
      return super.pipeThrough(transform, options);
    }
    const stages = [...this.#stages, ...transform.claim()];
    this.getReader(); // locks it, as any pipe does
    return new ChainReadable<O>(this.#origin, stages);
  }

  /** Pipes, with no stream between where the destination allows it. */
  override async pipeTo(destination: WritableStream<T>, options?: StreamPipeOptions): Promise<void> {
    const open = (destination as Partial<DirectWritable>)[openDirect];
    if (open === undefined || options !== undefined || this.#end.begun || this.locked || destination.locked) {
      return await super.pipeTo(destination, options);
    }
    const reader = this.getReader();
    const writer = destination.getWriter();
    for (const { closed } of [reader, writer]) closed.catch(() => {}); // reported by done
    try {
      await runDirect(this.#origin, this.#stages, (chain) => open.call(destination as never, chain));
    } finally {
      reader.releaseLock();
      writer.releaseLock();
    }
  }
}
