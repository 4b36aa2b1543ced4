/**
 * One stage's place in a pipeline.
 *
 * @module
 */
import type { Pipeline } from "./pipeline.ts";
import type { Output, Stage } from "./stage.ts";

/**
 * A stage with what follows it: takes items for it, and is its output.
 *
 * ```text
 * idle --push returned a promise--> busy (items queue) --settled, queue empty--> idle
 * idle, busy --finish, end, fail, cancel--> done (nothing is called any more)
 * ```
 */
export class Link implements Output<unknown> {
  /** The link behind this one; none: the pipeline's output. */
  next: Link | undefined;
  /** Settles when the stage and all that waited for it are done; undefined while the stage is idle. */
  busy: Promise<void> | undefined;
  /** What the stage threw. */
  failure: { reason: unknown } | undefined;
  readonly #stage: Stage<unknown, unknown>;
  readonly #pipeline: Pipeline;
  #waiting: unknown[] = [];
  #finishing = false;
  #early = false;
  #done = false;

  constructor(stage: Stage<unknown, unknown>, pipeline: Pipeline) {
    this.#stage = stage;
    this.#pipeline = pipeline;
  }

  /** An item for the stage. */
  accept(item: unknown): void {
    if (this.#done) return;
    if (this.busy !== undefined) {
      this.#waiting.push(item);
      return;
    }
    try {
      const pending = this.#stage.push(item, this);
      if (pending !== undefined) this.#wait(pending);
    } catch (error) {
      this.fail(error);
    }
  }

  /** An item from the stage. */
  push(item: unknown): void {
    if (this.#done) return;
    if (this.next !== undefined) this.next.accept(item);
    else this.#pipeline.out.push(item);
    if (this.busy !== undefined) this.#pipeline.scheduleFlush();
  }

  /** The stage waits until the consumer has taken what it pushed. */
  async flush(): Promise<void> {
    for (let link = this.next; link !== undefined; link = link.next) {
      link.settle();
      await link.busy;
      link.settle();
    }
    await this.#pipeline.out.flush();
  }

  /** The stage ends the stream. */
  end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#waiting.length = 0;
    if (this.next !== undefined) this.next.finish(true);
    else this.#pipeline.out.end();
    this.#pipeline.ended(this);
  }

  /** No more items will come for the stage; early: because a stage before it ended the stream. */
  finish(early = false): void {
    if (this.#done || this.#finishing) return;
    this.#finishing = true;
    this.#early = early;
    if (this.busy === undefined) this.#finishNow();
  }

  /** The stage sends on what it held back, unless it is at work. */
  settle(): void {
    if (this.#done || this.busy !== undefined || this.#stage.flush === undefined) return;
    try {
      this.#stage.flush(this);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The stage hears that the stream was torn down. */
  async cancel(reason: unknown): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    this.#waiting.length = 0;
    await this.#stage.cancel?.(reason);
  }

  /** The stage threw: it gets nothing more. */
  fail(reason: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = { reason };
    this.#pipeline.troubled = true;
    this.#done = true;
    this.#waiting.length = 0;
  }

  #finishNow(): void {
    this.settle();
    if (this.#done) return;
    try {
      const pending = this.#stage.end?.(this);
      if (pending === undefined) this.#passEndOn();
      else this.#wait(pending.then(() => this.#passEndOn()));
    } catch (error) {
      this.fail(error);
    }
  }

  #passEndOn(): void {
    if (this.#done) return;
    this.#done = true;
    if (this.next !== undefined) this.next.finish(this.#early);
    else if (this.#early) this.#pipeline.out.end();
  }

  #wait(pending: Promise<void>): void {
    this.busy = this.#resume(pending, this.#finishing);
    this.#pipeline.troubled = true;
  }

  async #resume(pending: Promise<void>, finishing: boolean): Promise<void> {
    try {
      await pending;
      // One item at a time; the consumer takes what came of it before the next.
      for (let next = 0; next < this.#waiting.length && !this.#done; next++) {
        await this.flush();
        await this.#stage.push(this.#waiting[next], this);
      }
    } catch (error) {
      this.fail(error);
    }
    this.#waiting.length = 0;
    this.busy = undefined;
    if (this.#finishing && !finishing) this.#finishNow();
    else this.settle();
  }
}
