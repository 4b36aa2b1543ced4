/**
 * The readable end of a chain of stages.
 *
 * @module
 */
import type { AnySteps, Failure } from "./contract.ts";
import { type Consumer, Run } from "./run.ts";

/** Where a chain of stages gets its items. */
export interface Origin {
  /** Gives items to the run, from its start to its end, as fast as `consumer.drained` allows; called once. */
  feed(run: Run<unknown, unknown>, consumer: Consumer<unknown> & Partial<Relief>): void;
  /** Takes no more items: a stage has failed, or ended the stream. */
  stop(reason: unknown): void;
  /** The stream was torn down: the consumer has left, or a stage has failed and what came before is delivered. */
  cancel(reason: unknown): void | Promise<void>;
}

/** A consumer that can be told not to hold back a source that has failed. */
export interface Relief {
  /** From now on `drained` resolves at once. */
  relieve(): void;
}

/**
 * Runs stages for a `ReadableStream`, whose underlying source it is. Nothing begins before the first pull. A plain
 * `TransformStream` drops what was enqueued in the same call that throws, and what is queued when the source fails; here
 * the consumer gets it first. Everything else is as in https://streams.spec.whatwg.org/#ts-model: no queue beyond the
 * output of one item, and an item is taken only when the consumer asks for more.
 */
export class ReadableEnd implements Consumer<unknown>, Relief {
  readonly #origin: Origin;
  readonly #stages: readonly AnySteps[];
  #run: Run<unknown, unknown> | undefined;
  #controller!: ReadableStreamDefaultController<unknown>;
  /** Closed, cancelled or errored. */
  #over = false;
  /** The consumer waits, and nothing was pushed since it began to. */
  #wanting = false;
  #relieved = false;
  /** Made where somebody waits for the consumer. */
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(origin: Origin, stages: readonly AnySteps[]) {
    this.#origin = origin;
    this.#stages = stages;
  }

  /** Whether items are under way: no other stage can join. */
  get begun(): boolean {
    return this.#run !== undefined;
  }

  /** Called by the stream: it is made. */
  start(controller: ReadableStreamDefaultController<unknown>): void {
    this.#controller = controller;
  }

  /** Called by the stream: its consumer waits. */
  pull(): void {
    this.#wanting = true;
    this.#wake();
    if (this.#run !== undefined) return;
    this.#run = new Run(this.#stages, this);
    this.#origin.feed(this.#run, this);
  }

  /** Called by the stream: its consumer has left. */
  async cancel(reason: unknown): Promise<void> {
    this.#over = true;
    this.#run ??= new Run(this.#stages, this);
    const done = this.#run.cancel(reason);
    const [torn, cancelled] = await Promise.allSettled([done, this.#origin.cancel(reason), this.#wake()]);
    for (const result of [torn, cancelled]) if (result.status === "rejected") throw result.reason;
  }

  /** Called by the run: an item for the consumer. */
  push(item: unknown): void {
    if (this.#over) return;
    this.#wanting = false;
    this.#controller.enqueue(item); // may call pull at once
  }

  /** Pending until the consumer asks for more. */
  drained(): void | Promise<void> {
    if (this.#wanting || this.#over || this.#relieved) return;
    return (this.#waiting ??= Promise.withResolvers()).promise;
  }

  relieve(): void {
    this.#relieved = true;
    this.#wake();
  }

  /** Called by the run: no more input is taken. */
  stopped(reason: unknown): void {
    this.#origin.stop(reason);
  }

  /** Called by the run: the stream has ended, or failed. */
  settled(failure?: Failure): void {
    if (failure !== undefined) return void this.#fail(failure.reason).catch(() => {}); // which is the one to report
    if (this.#over) return;
    this.#over = true;
    this.#controller.close();
    this.#wake();
  }

  /** Fails the stream once its consumer has taken all that came before. */
  async #fail(reason: unknown): Promise<void> {
    while (!this.#over && this.#controller.desiredSize! < 0) {
      await (this.#waiting ??= Promise.withResolvers()).promise;
    }
    if (this.#over) return;
    this.#over = true;
    this.#controller.error(reason);
    this.#wake();
    await this.#origin.cancel(reason);
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
