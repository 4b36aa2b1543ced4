/**
 * Several stages as one.
 *
 * @module
 */
import { endedEarly } from "./ended.ts";
import { Link } from "./link.ts";
import { type Output, Stage } from "./stage.ts";

/**
 * The stages of a pipeline, fused: an item travels through all of them in one call, with no stream, queue or promise
 * between them. Where a stage is asynchronous, and only while it is at work, items wait for it in a queue that holds at
 * most what one call of the stage before it made.
 */
class Pipeline extends Stage<unknown, unknown> {
  readonly #links: Link[];
  #out!: Output<unknown>;
  #flushing = false;
  /** Set by a link that is at work or has failed: until then nothing needs a look after a call. */
  troubled = false;

  constructor(stages: Stage<unknown, unknown>[]) {
    super();
    for (const stage of stages) stage.claim();
    const working = stages.filter((stage) => !stage.passthrough);
    this.#links = (working.length > 0 ? working : stages).map((stage) => new Link(stage, this));
    for (let i = 1; i < this.#links.length; i++) this.#links[i - 1].next = this.#links[i];
  }

  /** The output of the last stage. */
  get out(): Output<unknown> {
    return this.#out;
  }

  override start(out: Output<unknown>): void | Promise<void> {
    this.#out = out;
    // The last first: none is given an item before it has begun.
    for (let i = this.#links.length - 1; i >= 0; i--) this.#links[i].start();
    this.#flushLinks();
    return this.#settle();
  }

  push(item: unknown, out: Output<unknown>): void | Promise<void> {
    this.#out = out;
    this.#links[0].accept(item);
    return this.#settle();
  }

  override flush(out: Output<unknown>): void | Promise<void> {
    this.#out = out;
    this.#flushLinks();
    return this.#settle();
  }

  override end(out: Output<unknown>): void | Promise<void> {
    this.#out = out;
    this.#links[0].finish();
    return this.#settle();
  }

  override async cancel(reason: unknown): Promise<void> {
    const results = await Promise.allSettled(this.#links.map((link) => link.cancel(reason)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  /** Called by a link whose stage pushed something while nobody was waiting for it to return. */
  scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flushLinks();
      Promise.resolve(this.#out.flush()).catch(() => {}); // the call that waits for the stage reports it
    });
  }

  /** A stage ended the stream: the ones before it get no more, and hear of it. */
  ended(by: Link): void {
    const reason = endedEarly();
    // A failure to clean up does not undo the end: `pipeThrough` does not report it either.
    for (const link of this.#links.slice(0, this.#links.indexOf(by))) link.cancel(reason).catch(() => {});
  }

  /**
   * A stage threw: what came before is delivered, then all others hear of it. Where several threw, the last in the
   * pipeline was the first to: it had an item of those before it.
   */
  #throwFailure(): void {
    const broken = this.#links.findLast((link) => link.failure);
    if (!broken) return;
    const { reason } = broken.failure!;
    for (const link of this.#links) {
      if (link !== broken) link.cancel(reason).catch(() => {}); // the first failure is the one to report
    }
    throw reason;
  }

  #settle(): void | Promise<void> {
    if (!this.troubled) return;
    this.#flushLinks();
    if (this.#busy()) return this.#settleLater();
    this.#throwFailure();
  }

  /** The stages that are not at work send on what they held back. */
  #flushLinks(): void {
    // By index: once for each read, in every connection, and an iterator is an object.
    for (let i = 0; i < this.#links.length; i++) this.#links[i].settle();
  }

  #busy(): Promise<void> | undefined {
    return this.#links.find((link) => link.busy)?.busy;
  }

  /** Waits until no stage is at work; meanwhile what comes out is sent on at once. */
  async #settleLater(): Promise<void> {
    for (let busy; (busy = this.#busy()) !== undefined;) {
      await Promise.all([busy, this.#out.flush()]);
      this.#flushLinks();
    }
    this.troubled = false;
    this.#throwFailure();
  }
}

/**
 * Joins stages into one stage, fused. Output, errors, backpressure and cancellation are those of the same stages joined
 * by `pipeThrough`, at the cost of one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pipeline, stage } from "echopipe";
 *
 * const half = stage<number, number>((n, out) => out.push(n / 2));
 * const text = stage<number, string>((n, out) => out.push(String(n)));
 * assert.deepEqual(await Array.fromAsync(pipeline(half, text).over([2, 4])), ["1", "2"]);
 * ```
 *
 * @throws {EchopipeError} `in-use` if one of the stages already serves a stream
 */
export function pipeline<A, B>(a: Stage<A, B>): Stage<A, B>;
/** Joins two stages. */
export function pipeline<A, B, C>(a: Stage<A, B>, b: Stage<B, C>): Stage<A, C>;
/** Joins three stages. */
export function pipeline<A, B, C, D>(a: Stage<A, B>, b: Stage<B, C>, c: Stage<C, D>): Stage<A, D>;
/** Joins four stages. */
export function pipeline<A, B, C, D, E>(
  a: Stage<A, B>,
  b: Stage<B, C>,
  c: Stage<C, D>,
  d: Stage<D, E>,
): Stage<A, E>;
/** Joins five stages. */
export function pipeline<A, B, C, D, E, F>(
  a: Stage<A, B>,
  b: Stage<B, C>,
  c: Stage<C, D>,
  d: Stage<D, E>,
  e: Stage<E, F>,
): Stage<A, F>;
/** Joins six stages. */
export function pipeline<A, B, C, D, E, F, G>(
  a: Stage<A, B>,
  b: Stage<B, C>,
  c: Stage<C, D>,
  d: Stage<D, E>,
  e: Stage<E, F>,
  f: Stage<F, G>,
): Stage<A, G>;
/** Joins any number of stages of which those in the middle take what they make. */
export function pipeline<A, B, Z>(a: Stage<A, B>, ...rest: [...Stage<B, B>[], Stage<B, Z>]): Stage<A, Z>;
export function pipeline(...stages: unknown[]): Stage<unknown, unknown> {
  return new Pipeline(stages as Stage<unknown, unknown>[]);
}

export type { Pipeline };
