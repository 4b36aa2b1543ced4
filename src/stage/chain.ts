/**
 * Chains of stages as streams.
 *
 * @module
 */
import { type Origin, ReadableEnd } from "./readable_end.ts";
import { type AnySteps, isStage } from "./contract.ts";
import type { StreamPair } from "./foreign.ts";
import { type Consumer, Run } from "./run.ts";

/** The options of `pipeTo`. Their name is not the same in all types of the web's streams. */
type StreamOptions = Parameters<ReadableStream["pipeTo"]>[1];

/** A writable stream that a chain can write to directly, with no stream in between. */
export interface DirectWritable {
  /** Opens the destination for a chain. The stream is locked. */
  [openDirect](chain: Chain): Destination;
}

/** The key of {@linkcode DirectWritable}. */
export const openDirect: unique symbol = Symbol("echopipe.openDirect");

/** The writing end of a chain. */
export interface Destination {
  /** Receives the output of the chain. */
  readonly consumer: Consumer<unknown>;
  /** Resolves when everything is written and the destination was closed; rejects with the first failure. */
  readonly done: Promise<void>;
  /** Fails the run: the stages are cancelled, and `done` rejects. */
  fail(reason: unknown): void;
  /** Aborts the destination: pending writes may be dropped. */
  abort(reason: unknown): void | Promise<void>;
}

/** A chain as its destination sees it. */
export interface Chain {
  /** Stops reading: a stage has failed, or ended the stream. `unused`: bytes that go back to the source. */
  stop(reason: unknown, unused?: Uint8Array): void;
  /** Cancels the stages: the destination has failed. */
  cancel(reason: unknown): void;
}

/** Options of running a chain. */
export interface DirectOptions {
  /** True: a failure leaves the destination as it is. Default false: it is aborted. */
  readonly preventAbort?: boolean;
  /** True: a failure leaves the origin as it is. Default false: it is cancelled. */
  readonly preventCancel?: boolean;
  /** Ends the run when it is aborted: it fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs stages directly between an origin and a destination. Resolves when the stream has ended and everything is
 * written; rejects with the first failure, once the output that preceded it is written.
 */
export function runDirect(
  origin: Origin,
  stages: readonly AnySteps[],
  open: (chain: Chain) => Destination,
  { preventAbort = false, preventCancel = false, signal }: DirectOptions = {},
): Promise<void> {
  const chain = new DirectChain(origin);
  const destination = open(chain);
  chain.run = new Run<unknown, unknown>(stages, destination.consumer);
  if (signal !== undefined) failWith(signal, destination);
  if (!signal?.aborted) origin.feed(chain.run, destination.consumer);
  if (preventAbort && preventCancel) return destination.done;
  return destination.done.catch(async (error) => {
    await Promise.allSettled([
      preventCancel ? undefined : origin.cancel(error),
      preventAbort ? undefined : destination.abort(error),
    ]);
    throw error;
  });
}

/** Fails a destination when a signal is aborted. */
function failWith(signal: AbortSignal, destination: Destination): void {
  const abort = () => destination.fail(signal.reason);
  if (signal.aborted) return abort();
  signal.addEventListener("abort", abort, { once: true });
  // A signal may live longer than many runs.
  destination.done.catch(() => {}).finally(() => signal.removeEventListener("abort", abort));
}

class DirectChain implements Chain {
  run: Run<unknown, unknown> | undefined;
  readonly #origin: Origin;

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  stop(reason: unknown, unused?: Uint8Array): void {
    this.#origin.stop(reason, unused);
  }

  cancel(reason: unknown): void {
    this.#origin.stop(reason);
    this.run!.cancel(reason).catch(() => {}); // the destination's failure is the one to report
  }
}

/**
 * A `ReadableStream` of the output of a chain of stages. `pipeThrough(stage)` appends to the chain, which runs in one
 * call however long it is; `pipeTo` a connection's `writable` runs it directly between read and write. For everything
 * else it is a plain `ReadableStream`.
 */
export class ChainReadable<T> extends ReadableStream<T> {
  readonly #origin: Origin;
  readonly #stages: readonly AnySteps[];
  readonly #end: ReadableEnd;

  /** Makes a stream of the stages' output for the origin's items. */
  constructor(origin: Origin, stages: readonly AnySteps[] = []) {
    const end = new ReadableEnd(origin, stages);
    super(end as UnderlyingDefaultSource<T>, { highWaterMark: 0 });
    this.#origin = origin;
    this.#stages = stages;
    this.#end = end;
  }

  /** Appends a stage. With any other pair of streams, or with options, it does what every `ReadableStream` does. */
  override pipeThrough<O>(transform: StreamPair<T, O>, options?: StreamOptions): ReadableStream<O> {
    if (!isStage(transform) || options !== undefined || this.#end.begun || this.locked) {
      return super.pipeThrough(transform, options);
    }
    const stages = [...this.#stages, ...transform.claim()];
    this.getReader(); // locks it, as any pipe does
    return new ChainReadable<O>(this.#origin, stages);
  }

  /** Pipes to the destination: directly, where it is a {@linkcode DirectWritable} and there are no options. */
  override async pipeTo(destination: WritableStream<T>, options?: StreamOptions): Promise<void> {
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
