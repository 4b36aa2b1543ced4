/**
 * The readable end of a chain of stages.
 *
 * @module
 */
import type { AnySteps, Failure } from "./contract.ts";
import { type Consumer, Run } from "./run.ts";

/** A source of items for a chain of stages. */
export interface Origin {
  /** Starts the run, pushes all items to it as fast as `consumer.drained` allows, and finishes it. Called once. */
  feed(run: Run<unknown, unknown>, consumer: Consumer<unknown> & Partial<Relief>): void;
  /** Stops pushing items: a stage has failed, or ended the stream. Takes back the bytes that none of them has used. */
  stop(reason: unknown, unused?: Uint8Array): void;
  /** Cancels the source: the consumer has left, or a stage has failed and its earlier output is delivered. */
  cancel(reason: unknown): void | Promise<void>;
}

/** A consumer that can be told to stop applying backpressure, for a source that has failed. */
export interface Relief {
  /** From now on `drained` resolves at once. */
  relieve(): void;
}

/**
 * The underlying source of a `ReadableStream` that runs a chain of stages. Nothing begins before the first pull.
 *
 * A plain `TransformStream` drops items that were enqueued before an error in the same call, and items that are queued
 * when the source fails; here the consumer receives them first. Everything else is as in
 * https://streams.spec.whatwg.org/#ts-model: no more than the output of one item is queued, and the source is read only
 * when the consumer asks for more.
 */
export class ReadableEnd implements Consumer<unknown>, Relief {
  readonly #origin: Origin;
  readonly #stages: readonly AnySteps[];
  #run: Run<unknown, unknown> | undefined;
  #controller!: ReadableStreamDefaultController<unknown>;
  /** Closed, cancelled or errored. */
  #over = false;
  /** The consumer has asked for an item, and none was pushed since. */
  #wanting = false;
  #relieved = false;
  /** Resolves at the next pull; made when something waits for it. */
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(origin: Origin, stages: readonly AnySteps[]) {
    this.#origin = origin;
    this.#stages = stages;
  }

  /** True once the run has begun: no other stage can be appended. */
  get begun(): boolean {
    return this.#run !== undefined;
  }

  /** Called by the stream when it is made. */
  start(controller: ReadableStreamDefaultController<unknown>): void {
    this.#controller = controller;
  }

  /** Called by the stream: its consumer asks for an item. */
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

  /** Waits until the consumer asks for more. */
  drained(): void | Promise<void> {
    if (this.#wanting || this.#over || this.#relieved) return;
    return (this.#waiting ??= Promise.withResolvers()).promise;
  }

  relieve(): void {
    this.#relieved = true;
    this.#wake();
  }

  /** Called by the run: no more input is needed. */
  stopped(reason: unknown, unused?: Uint8Array): void {
    this.#origin.stop(reason, unused);
  }

  /** Called by the run: the stream has ended, or failed. */
  settled(failure?: Failure): void {
    if (failure !== undefined) return void this.#fail(failure.reason).catch(() => {}); // the first failure is reported
    if (this.#over) return;
    this.#over = true;
    this.#controller.close();
    this.#wake();
  }

  /** Fails the stream once its consumer has read all earlier items. */
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
