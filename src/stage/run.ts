/**
 * The runner of stages: `pipeThrough`, iteration and `pipe` all use it.
 *
 * @module
 */
import type { AnySteps, Failure } from "./contract.ts";
import { Link } from "./link.ts";
import type { LinkOwner } from "./link_owner.ts";

/** The receiving end of a chain of stages. None of its methods throws. */
export interface Consumer<O> {
  /** Receives an item. */
  push(item: O): void;
  /**
   * Passes on the items pushed so far. A promise is backpressure: pending until the consumer is ready for more, it may
   * reject once that has left.
   */
  drained(): void | Promise<void>;
  /**
   * A stage has failed or ended the stream: no more input is needed. Called at most once. `unused`: the bytes that were
   * pushed, and of which no item was made.
   */
  stopped(reason: unknown, unused?: Uint8Array): void;
  /** The stream has ended or failed, after all its output. Called at most once, and never after `cancel`. */
  settled(failure?: Failure): void;
}

/** Stands in for an empty chain. */
const nothing: AnySteps = { push: (item, out) => out.push(item) };

/**
 * A running chain of stages. An item passes through all of them in one call, with no stream, queue or promise in
 * between. Only while an asynchronous stage is busy do items for it wait in a queue, which holds at most what one call
 * of the stage before it made.
 *
 * Methods return a promise only while a stage is busy, and never throw or reject, except `cancel`: a failure is
 * reported to the consumer at once, whether it comes from a method or from a stage's own timer.
 */
export class Run<I, O> implements LinkOwner<Link> {
  readonly #links: Link[];
  readonly #consumer: Consumer<O>;
  /** A method of this object is on the stack, and flushes when it returns. */
  #calling = false;
  /** A call of a stage may be pending. */
  #busy = false;
  #flushing = false;
  /** A stage keeps the memory of the last item. */
  #kept = false;
  #stopped = false;
  #settled = false;
  /** Resolves at `cancel`; made on demand. */
  #cancelled: PromiseWithResolvers<void> | undefined;

  /** Makes a run of stages that were claimed for it. */
  constructor(stages: readonly AnySteps[], consumer: Consumer<O>) {
    this.#consumer = consumer;
    const working = stages.filter((stage) => !stage.passthrough);
    this.#links = (working.length > 0 ? working : [nothing]).map((stage) => new Link(stage, this));
    for (let i = 1; i < this.#links.length; i++) this.#links[i - 1].next = this.#links[i];
  }

  /** True while a stage is inside a message whose rest has to come. */
  get begun(): boolean {
    return this.#links.some((link) => link.begun);
  }

  /** Starts the stages. */
  start(): void | Promise<void> {
    this.#calling = true;
    // In reverse: no stage is given an item before it was started.
    for (let i = this.#links.length - 1; i >= 0; i--) this.#links[i].start();
    return this.#end();
  }

  /** Runs an item through the stages; a promise while one of them is busy. */
  push(item: I): void | Promise<void> {
    this.#calling = true;
    this.#links[0].accept(item);
    return this.#end();
  }

  /** Ends the stages: the source has ended. */
  finish(): void | Promise<void> {
    this.#calling = true;
    this.#links[0].terminate();
    return this.#end();
  }

  /** Fails the stages: the source has failed. Earlier output is delivered, then the failure. */
  fail(reason: unknown): void | Promise<void> {
    this.#calling = true;
    this.#links[0].terminate({ reason });
    return this.#end();
  }

  /** Cancels all stages at once: the consumer has left. Rejects with the first error that a stage's `cancel` threw. */
  async cancel(reason: unknown): Promise<void> {
    this.#stopped = this.#settled = true;
    this.#cancelled?.resolve();
    const results = await Promise.allSettled(this.#links.map((link) => link.cancel(reason)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  /** Called by a link whose stage keeps the memory of the item at hand. */
  keep(): void {
    this.#kept = true;
  }

  /** True if a stage has kept the memory of the items since the last call. */
  takeKept(): boolean {
    const kept = this.#kept;
    this.#kept = false;
    return kept;
  }

  /** Called by the last link: an item for the consumer. */
  deliver(item: unknown): void {
    this.#consumer.push(item as O);
  }

  /**
   * Called by a link when its stage pushes, from a timer for example: schedules a flush if no method is on the stack.
   */
  flushLate(): void {
    if (this.#calling || this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flushLinks();
      if (!this.#settled) this.#consumer.drained()?.catch(() => {}); // the consumer has left, and knows
    });
  }

  /** Called by a link when a call of its stage is pending. */
  wait(): void {
    this.#busy = true;
  }

  /** Called by a link whose stage awaits a flush; `link` is the one after it. */
  async drained(link: Link | undefined): Promise<void> {
    for (; link !== undefined; link = link.next) {
      link.flushStage();
      if (link.busy !== undefined) await Promise.race([link.busy, this.#whenCancelled()]);
      link.flushStage();
    }
    await this.#consumer.drained();
  }

  /** Called by a link whose stage has failed or ended the stream: cancels the stages before it. */
  stop(by: Link, reason: unknown, early = false): void {
    const before = this.#links.slice(0, this.#links.indexOf(by));
    const unused = early ? before[0]?.takeUnused() : undefined;
    for (const link of before) {
      link.cancel(reason).catch(() => {}); // the first failure is the one to report
    }
    if (this.#stopped) return;
    this.#stopped = true;
    this.#consumer.stopped(reason, unused);
  }

  /** Called when the last link is done. */
  settle(failure: Failure | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#consumer.settled(failure);
  }

  /** Flushes the stages at the end of a method; a promise while one of them is busy. */
  #end(): void | Promise<void> {
    this.#flushLinks();
    this.#calling = false;
    if (this.#busy) return this.#idle();
  }

  #whenCancelled(): Promise<void> {
    return (this.#cancelled ??= Promise.withResolvers()).promise;
  }

  #flushLinks(): void {
    // By index: this runs for every read of every connection, and an iterator would be an allocation.
    for (let i = 0; i < this.#links.length; i++) this.#links[i].flushStage();
  }

  /** Resolves when no stage is busy, or the run was cancelled. */
  async #idle(): Promise<void> {
    for (let busy; !this.#settled && (busy = this.#links.find((link) => link.busy)?.busy) !== undefined;) {
      await Promise.race([busy, this.#whenCancelled()]);
      this.#flushLinks();
    }
    this.#busy = this.#links.some((link) => link.busy);
  }
}
