/**
 * The one runner of stages, behind every way of using them.
 *
 * @module
 */
import type { AnySteps, Failure } from "./contract.ts";
import { Link, type LinkOwner } from "./link.ts";

/** The receiving end of a chain of stages. None of its methods throws. */
export interface Consumer<O> {
  /** Takes an item. */
  push(item: O): void;
  /** Sends on what was pushed; pending while more should not come. Rejects when the consumer has left. */
  drained(): void | Promise<void>;
  /** A stage has failed or ended the stream: no more input is taken. Called at most once. */
  stopped(reason: unknown): void;
  /** All output was pushed, and the stream has ended, or failed. Called at most once, and not after a cancellation. */
  settled(failure?: Failure): void;
}

/** A chain of no stages. */
const nothing: AnySteps = { push: (item, out) => out.push(item) };

/**
 * A chain of stages at work: an item travels through all of them in one call, with no stream, queue or promise between.
 * Where a stage is asynchronous, and only while it is at work, items wait for it in a queue that holds at most what one
 * call of the stage before it made.
 *
 * Calls return a promise only while a stage is at work; none throws or rejects: failures are the consumer's to hear, at
 * once, whichever call or timer they come from.
 */
export class Run<I, O> implements LinkOwner {
  readonly #links: Link[];
  readonly #consumer: Consumer<O>;
  /** A call of this object is on the stack: what it pushes is flushed at its end. */
  #calling = false;
  /** A link is waiting for its stage. */
  #busy = false;
  #flushing = false;
  #stopped = false;
  #settled = false;
  /** Made when it is needed: resolves when nobody waits for a stage any more. */
  #cancelled: PromiseWithResolvers<void> | undefined;

  /** Makes a run of stages that were claimed for it. */
  constructor(stages: readonly AnySteps[], consumer: Consumer<O>) {
    this.#consumer = consumer;
    const working = stages.filter((stage) => !stage.passthrough);
    this.#links = (working.length > 0 ? working : [nothing]).map((stage) => new Link(stage, this));
    for (let i = 1; i < this.#links.length; i++) this.#links[i - 1].next = this.#links[i];
  }

  /** The stream begins. */
  start(): void | Promise<void> {
    this.#calling = true;
    // The last first: none is given an item before it has begun.
    for (let i = this.#links.length - 1; i >= 0; i--) this.#links[i].start();
    return this.#end();
  }

  /** Takes an item; a promise while a stage is at work on it. */
  push(item: I): void | Promise<void> {
    this.#calling = true;
    this.#links[0].accept(item);
    return this.#end();
  }

  /** The source has ended. */
  finish(): void | Promise<void> {
    this.#calling = true;
    this.#links[0].terminate();
    return this.#end();
  }

  /** The source has failed: what came before is delivered, then the failure. */
  fail(reason: unknown): void | Promise<void> {
    this.#calling = true;
    this.#links[0].terminate({ reason });
    return this.#end();
  }

  /** The consumer has left: every stage hears the reason at once. Rejects with what one of them threw. */
  async cancel(reason: unknown): Promise<void> {
    this.#stopped = this.#settled = true;
    this.#cancelled?.resolve();
    const results = await Promise.allSettled(this.#links.map((link) => link.cancel(reason)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  /** Called by the last link: an item for the consumer. */
  deliver(item: unknown): void {
    this.#consumer.push(item as O);
  }

  /** Called by a link when its stage pushes while no call of this object is on the stack: nobody else sends it on. */
  flushLate(): void {
    if (this.#calling || this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flushLinks();
      if (!this.#settled) this.#consumer.drained()?.catch(() => {}); // whoever consumes has left: it knows
    });
  }

  /** Called by a link when its stage is at work. */
  wait(): void {
    this.#busy = true;
  }

  /** Called by a link whose stage waits until the consumer has taken what was pushed. */
  async drained(link: Link | undefined): Promise<void> {
    for (; link !== undefined; link = link.next) {
      link.flushStage();
      if (link.busy !== undefined) await Promise.race([link.busy, this.#whenCancelled()]);
      link.flushStage();
    }
    await this.#consumer.drained();
  }

  /** Called by a link whose stage failed or ended the stream: those before it are torn down. */
  stop(by: Link, reason: unknown): void {
    for (const link of this.#links.slice(0, this.#links.indexOf(by))) {
      link.cancel(reason).catch(() => {}); // the first failure is the one to report
    }
    if (this.#stopped) return;
    this.#stopped = true;
    this.#consumer.stopped(reason);
  }

  /** Called when the last link is done. */
  settle(failure: Failure | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#consumer.settled(failure);
  }

  /** The end of a call: stages send on what they held back. */
  #end(): void | Promise<void> {
    this.#flushLinks();
    this.#calling = false;
    if (this.#busy) return this.#idle();
  }

  #whenCancelled(): Promise<void> {
    return (this.#cancelled ??= Promise.withResolvers()).promise;
  }

  #flushLinks(): void {
    // By index: once for each read, in every connection, and an iterator is an object.
    for (let i = 0; i < this.#links.length; i++) this.#links[i].flushStage();
  }

  /** Resolves when no stage is at work, or nobody waits for them any more. */
  async #idle(): Promise<void> {
    for (let busy; !this.#settled && (busy = this.#links.find((link) => link.busy)?.busy) !== undefined;) {
      await Promise.race([busy, this.#whenCancelled()]);
      this.#flushLinks();
    }
    this.#busy = this.#links.some((link) => link.busy);
  }
}
