/**
 * One stage of a run, and its connection to the next.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type AnySteps, endedEarly, type Failure, handled, type Output } from "./contract.ts";
import type { LinkOwner } from "./link_owner.ts";

/**
 * A stage in a run: accepts the items for it, and is the output that it pushes to.
 *
 * ```text
 *       the stage calls end            its pending call returns: the end is passed on
 * open ---------------------> ending -------------------------------------------> done
 *   \__ end or failure of the source was passed to the stage; it threw; cancel _____/
 * ```
 *
 * While a call of the stage is pending the link is busy: items are queued, and the stage is given the next one when the
 * consumer is ready for more.
 */
export class Link implements Output<unknown> {
  /** The link after this one; undefined: the consumer of the run comes next. */
  next: Link | undefined;
  /** Resolves when the pending call and the queued items are done; undefined while the stage is idle. Never rejects. */
  busy: Promise<void> | undefined;
  readonly #stage: AnySteps;
  readonly #run: LinkOwner<Link>;
  #state: "open" | "ending" | "done" = "open";
  #waiting: unknown[] | undefined;
  /** The stage was given items since its last flush. */
  #unflushed = false;
  /** Set when the input has ended or failed. */
  #over: { readonly failure: Failure | undefined } | undefined;
  /** The stage's `end` was called. */
  #atEnd = false;
  /** The stage threw or ended: it must not be cancelled as well. */
  #finished = false;
  /** Set when the stage was cancelled: rejects with the reason. */
  #left: Promise<never> | undefined;

  constructor(stage: AnySteps, run: LinkOwner<Link>) {
    this.#stage = stage;
    this.#run = run;
  }

  /** True where the stage is inside a message whose rest has to come. */
  get begun(): boolean {
    return this.#stage.begun === true;
  }

  /** Calls the stage's `start`. */
  start(): void {
    if (this.#stage.start === undefined) return;
    this.#unflushed = true;
    try {
      this.#returned(this.#stage.start(this));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Gives the stage an item, or queues it while the stage is busy. */
  accept(item: unknown): void {
    if (this.#state !== "open") return;
    if (this.busy !== undefined) {
      (this.#waiting ??= []).push(item);
      return;
    }
    this.#unflushed = true;
    try {
      this.#returned(this.#stage.push(item, this));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Passes the end of the input, or its failure, to the stage. */
  terminate(failure?: Failure): void {
    if (this.#state !== "open" || this.#over !== undefined) return;
    this.#over = { failure };
    if (this.busy === undefined) this.#terminateNow(failure);
  }

  /** Calls the stage's `flush`, unless it is busy or has nothing to flush. */
  flushStage(): void {
    if (!this.#unflushed || this.#state !== "open" || this.busy !== undefined) return;
    this.#unflushed = false;
    if (this.#stage.flush === undefined) return;
    try {
      this.#returned(this.#stage.flush(this));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Takes the bytes that the stage was given and has not used. */
  takeUnused(): Uint8Array | undefined {
    return this.#state === "open" ? this.#stage.takeUnused?.() : undefined;
  }

  /** Cancels the stage. Whatever it pushes or throws from now on is ignored. */
  async cancel(reason: unknown): Promise<void> {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#waiting = undefined;
    if (this.#finished) return;
    this.#left = handled(Promise.reject(reason ?? new EchopipeError("ended", "Cannot go on: the consumer has left")));
    await null; // a call of the stage may be on the stack
    if (!this.#finished) await this.#stage.cancel?.(reason);
  }

  /** Called by the stage: passes an item on. */
  push(item: unknown): void {
    if (this.#state === "open") this.#forward(item);
  }

  /** Called by the stage: resolves when the consumer is ready for more. */
  flush(): Promise<void> {
    return this.#left ?? handled(this.#run.drained(this.next).then(() => this.#left));
  }

  /**
   * Called by the stage: ends the stream. The end is passed on when the pending call returns, as that may still throw.
   */
  end(): void {
    this.#finished = true;
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#waiting = undefined;
    this.#flushLast()?.catch(() => {});
    queueMicrotask(() => { // for an end outside any call of the stage
      if (this.busy === undefined) this.#passEarlyEnd();
    });
  }

  /** Called by the stage: fails the stream. */
  fail(reason: unknown): void {
    if (!this.#finished) this.#fail(reason);
  }

  /** Called by the stage: keeps the memory of the item at hand. */
  keep(): void {
    this.#run.keep();
  }

  /** Handles the return of a call of the stage: done, or a promise to wait for. */
  #returned(pending: void | Promise<void>): void {
    if (pending === undefined) {
      if (this.#state !== "open") this.#passEarlyEnd();
      return;
    }
    this.busy = this.#resume(pending);
    this.#run.wait();
  }

  #terminateNow(failure: Failure | undefined): void {
    this.flushStage();
    if (this.#state !== "open" || this.busy !== undefined) return;
    if (failure !== undefined) {
      this.cancel(failure.reason).catch(() => {}); // the first failure is the one to report
      return this.#passOn(failure);
    }
    this.#atEnd = true;
    try {
      const pending = this.#stage.end?.(this);
      if (pending !== undefined) this.#returned(pending);
      else this.#complete();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The stage's `end` has returned. */
  #complete(): void {
    this.#finished = true;
    if (this.#state === "ending") return this.#passEarlyEnd();
    if (this.#state === "done") return;
    this.#state = "done";
    this.#passOn(undefined);
  }

  #passEarlyEnd(): void {
    if (this.#state !== "ending") return;
    this.#state = "done";
    this.#run.stop(this, endedEarly(), true);
    this.#passOn(undefined);
  }

  /** The stage threw: passes on what it held back, then the failure. */
  #fail(reason: unknown): void {
    this.#finished = true;
    if (this.#state === "done") return; // cancelled before
    if (this.#state === "open") {
      try {
        this.#flushLast()?.catch(() => {});
      } catch {
        // The first error is the one to report.
      }
    }
    this.#state = "done";
    this.#waiting = undefined;
    this.#run.stop(this, reason);
    this.#passOn({ reason });
  }

  #passOn(failure: Failure | undefined): void {
    if (this.next !== undefined) this.next.terminate(failure);
    else this.#run.settle(failure);
  }

  #forward(item: unknown): void {
    if (this.next !== undefined) this.next.accept(item);
    else this.#run.deliver(item);
    this.#run.flushLate();
  }

  /** The last flush of a stage that ends or fails. Only what it emits synchronously is passed on. */
  #flushLast(): void | Promise<void> {
    return this.#stage.flush?.({ push: (item) => this.#forward(item), flush() {}, end() {}, fail() {}, keep() {} });
  }

  async #resume(pending: Promise<void>): Promise<void> {
    try {
      await pending;
      for (let next = 0; this.#waiting !== undefined && next < this.#waiting.length; next++) {
        await this.flush().catch(() => {}); // the consumer has left, and cancels by itself
        if (this.#state !== "open") break;
        this.#unflushed = true;
        await this.#stage.push(this.#waiting![next], this);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#waiting = undefined;
    this.busy = undefined;
    if (this.#atEnd) this.#complete();
    else if (this.#state === "ending") this.#passEarlyEnd();
    else if (this.#over !== undefined) this.#terminateNow(this.#over.failure);
    else this.flushStage();
  }
}
