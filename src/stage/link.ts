/**
 * One stage's place in a pipeline.
 *
 * @module
 */
import { flushBroken, flushLast, gone, handled } from "./ended.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Output, Stage } from "./stage.ts";

/**
 * A stage with what follows it: takes items for it, and is its output.
 *
 * ```text
 *        the stage calls end               its call is done: the end is passed on
 * open ------------------------> ended ---------------------------------------------> done
 *   \__ finish, then stage.end is done: the end is passed on; the stage threw; cancel __/
 * ```
 *
 * While a call of the stage is under way that returned a promise, the link is busy: what comes is queued, one item at a
 * time, and the consumer takes what came of it before the next.
 */
export class Link implements Output<unknown> {
  /** The link behind this one; none: the pipeline's output. */
  next: Link | undefined;
  /** Settles when the stage and all that waited for it are done; undefined while the stage is idle. Never rejects. */
  busy: Promise<void> | undefined;
  /** What the stage threw. */
  failure: { reason: unknown } | undefined;
  readonly #stage: Stage<unknown, unknown>;
  readonly #pipeline: Pipeline;
  #state: "open" | "ended" | "done" = "open";
  #waiting: unknown[] = [];
  /** Items came since the stage was last told to flush. */
  #unflushed = false;
  #finishing = false;
  /** The stage was cancelled: rejects with the reason. */
  #left: Promise<never> | undefined;
  /** The stage's own end was called. */
  #atEnd = false;
  /** The end that is passed on comes before the source's own. */
  #early = false;

  constructor(stage: Stage<unknown, unknown>, pipeline: Pipeline) {
    this.#stage = stage;
    this.#pipeline = pipeline;
  }

  /** The stream begins. */
  start(): void {
    if (this.#stage.start === undefined) return;
    this.#unflushed = true;
    try {
      const pending = this.#stage.start(this);
      if (pending !== undefined) this.#wait(pending);
      else this.#passOwnEndOn();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** An item for the stage. */
  accept(item: unknown): void {
    if (this.#state !== "open") return;
    if (this.busy !== undefined) {
      this.#waiting.push(item);
      return;
    }
    this.#unflushed = true;
    try {
      const pending = this.#stage.push(item, this);
      if (pending !== undefined) this.#wait(pending);
      else this.#passOwnEndOn();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** An item from the stage. */
  push(item: unknown): void {
    if (this.#state === "open") this.#forward(item);
  }

  /** The stage waits until the consumer has taken what it pushed. */
  flush(): Promise<void> {
    return this.#left ?? handled(this.#flushOn());
  }

  async #flushOn(): Promise<void> {
    for (let link = this.next; link !== undefined; link = link.next) {
      link.settle();
      await link.busy;
      link.settle();
    }
    await this.#pipeline.out.flush();
  }

  /** The stage ends the stream: passed on when its call is done, so that it may still throw. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#early = true;
    this.#waiting.length = 0;
    flushLast(this.#stage, this.#lastOutput());
    queueMicrotask(() => { // no call was under way
      if (this.busy !== undefined) return;
      this.#passOwnEndOn();
    });
  }

  /** No more items will come for the stage; early: because a stage before it ended the stream. */
  finish(early = false): void {
    if (this.#state !== "open" || this.#finishing) return;
    this.#finishing = true;
    this.#early = early;
    if (this.busy === undefined) this.#finishNow();
  }

  /** The stage sends on what it held back, unless it is at work. */
  settle(): void {
    if (!this.#unflushed || this.#state !== "open" || this.busy !== undefined) return;
    this.#unflushed = false;
    if (this.#stage.flush === undefined) return;
    try {
      const pending = this.#stage.flush(this);
      if (pending !== undefined) this.#wait(pending);
      else this.#passOwnEndOn();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The stage hears that the stream was torn down; what it threw after the item that did so is of no more interest. */
  async cancel(reason: unknown): Promise<void> {
    const ended = this.#state !== "open";
    this.#state = "done";
    this.failure = undefined;
    if (!ended) this.#left = gone(reason);
    this.#waiting.length = 0;
    if (!ended) await this.#stage.cancel?.(reason);
  }

  /** The stage threw: what it held back is sent on, and it gets nothing more. */
  #fail(reason: unknown): void {
    if (this.#state === "done") return; // it was cancelled: nobody waits for what it was at
    const ended = this.#state === "ended";
    this.#state = "done";
    this.#waiting.length = 0;
    this.failure = { reason };
    this.#pipeline.troubled = true;
    if (!ended) flushBroken(this.#stage, this.#lastOutput());
  }

  #forward(item: unknown): void {
    if (this.next !== undefined) this.next.accept(item);
    else this.#pipeline.out.push(item);
    if (this.busy !== undefined) this.#pipeline.scheduleFlush();
  }

  /** Takes what a stage sends on that has ended or thrown. */
  #lastOutput(): Output<unknown> {
    return { push: (item) => this.#forward(item), flush() {}, end() {} };
  }

  #finishNow(): void {
    this.settle();
    if (this.#state !== "open" || this.busy !== undefined) return;
    this.#atEnd = true;
    try {
      const pending = this.#stage.end?.(this);
      if (pending !== undefined) this.#wait(pending.then(() => this.#passEndOn()));
      else this.#passEndOn();
    } catch (error) {
      this.#fail(error);
    }
  }

  #passOwnEndOn(): void {
    if (this.#state === "ended") this.#passEndOn();
  }

  #passEndOn(): void {
    if (this.#state === "done") return;
    if (this.#state === "ended") this.#pipeline.ended(this);
    this.#state = "done";
    if (this.next !== undefined) this.next.finish(this.#early);
    else if (this.#early) this.#pipeline.out.end();
  }

  #wait(pending: Promise<void>): void {
    this.busy = this.#resume(pending);
    this.#pipeline.troubled = true;
  }

  async #resume(pending: Promise<void>): Promise<void> {
    try {
      await pending;
      for (let next = 0; next < this.#waiting.length; next++) {
        await this.flush().catch((reason) => this.cancel(reason)); // the sink failed: whoever runs it reports that
        if (this.#state !== "open") break; // cancelled meanwhile
        this.#unflushed = true;
        await this.#stage.push(this.#waiting[next], this);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#waiting.length = 0;
    this.busy = undefined;
    this.#passOwnEndOn();
    if (this.#finishing && !this.#atEnd) this.#finishNow();
    else this.settle();
  }
}
