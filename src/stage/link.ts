/**
 * A stage's place in a run.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type AnySteps, endedEarly, type Failure, handled, type Output } from "./contract.ts";

/** The run that a link belongs to. */
export interface LinkOwner {
  /** Takes an item from the last link. */
  deliver(item: unknown): void;
  /** A stage pushed something: it is sent on soon, unless a call of the run is on the stack. */
  flushLate(): void;
  /** A stage is at work. */
  wait(): void;
  /** Resolves when the consumer has taken what was pushed; `next` follows the stage that waits. */
  drained(next: Link | undefined): Promise<void>;
  /** The stage of that link has failed or ended the stream: those before it are torn down. */
  stop(by: Link, reason: unknown): void;
  /** The last link is done. */
  settle(failure: Failure | undefined): void;
}

/**
 * A stage with what follows it: takes items for it, and is its output.
 *
 * ```text
 *       the stage calls end            its call is done: the end is passed on
 * open ---------------------> ending ----------------------------------------> done
 *   \__ the source ended or failed, and the stage has heard of it; it threw; cancel __/
 * ```
 *
 * While a call of the stage is pending the link is busy: items are queued, and the consumer takes what came of one before
 * the stage is given the next.
 */
export class Link implements Output<unknown> {
  /** The link behind this one; none: the consumer of the run. */
  next: Link | undefined;
  /** Settles when the stage and all that waited for it are done; undefined while the stage is idle. Never rejects. */
  busy: Promise<void> | undefined;
  readonly #stage: AnySteps;
  readonly #run: LinkOwner;
  #state: "open" | "ending" | "done" = "open";
  #waiting: unknown[] | undefined;
  /** Items came since the stage was last told to flush. */
  #unflushed = false;
  /** The input is over: it ended or failed. */
  #over: { readonly failure: Failure | undefined } | undefined;
  /** The stage's own end was called. */
  #atEnd = false;
  /** The stage threw or ended, by itself or with its input: it must not be cancelled too. */
  #finished = false;
  /** The stage was cancelled: rejects with the reason. */
  #left: Promise<never> | undefined;

  constructor(stage: AnySteps, run: LinkOwner) {
    this.#stage = stage;
    this.#run = run;
  }

  /** The stream begins. */
  start(): void {
    if (this.#stage.start === undefined) return;
    this.#unflushed = true;
    try {
      this.#returned(this.#stage.start(this));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** An item for the stage. */
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

  /** The input is over: it ended, or failed. */
  terminate(failure?: Failure): void {
    if (this.#state !== "open" || this.#over !== undefined) return;
    this.#over = { failure };
    if (this.busy === undefined) this.#terminateNow(failure);
  }

  /** The stage sends on what it held back, unless it is at work. */
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

  /** The stage hears that the stream was torn down; what it pushes or throws from now on is of no more interest. */
  async cancel(reason: unknown): Promise<void> {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#waiting = undefined;
    if (this.#finished) return;
    this.#left = handled(Promise.reject(reason ?? new EchopipeError("ended", "Cannot go on: the consumer has left")));
    await null; // a call of the stage may be on the stack
    if (!this.#finished) await this.#stage.cancel?.(reason);
  }

  /** An item from the stage. */
  push(item: unknown): void {
    if (this.#state === "open") this.#forward(item);
  }

  /** The stage waits until the consumer has taken what it pushed. */
  flush(): Promise<void> {
    return this.#left ?? handled(this.#run.drained(this.next).then(() => this.#left));
  }

  /** The stage ends the stream: passed on when its call is done, so that it may still throw. */
  end(): void {
    this.#finished = true;
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#waiting = undefined;
    this.#flushLast()?.catch(() => {});
    queueMicrotask(() => { // no call was under way
      if (this.busy === undefined) this.#passEarlyEnd();
    });
  }

  /** A call of the stage has returned: it is done, or is waited for. */
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

  /** The stage has ended with its input. */
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
    this.#run.stop(this, endedEarly());
    this.#passOn(undefined);
  }

  /** The stage threw: what it held back is sent on, then the failure; it is given nothing more. */
  #fail(reason: unknown): void {
    this.#finished = true;
    if (this.#state === "done") return; // it was cancelled: nobody waits for what it was at
    if (this.#state === "open") {
      try {
        this.#flushLast()?.catch(() => {});
      } catch {
        // What it threw first is the failure to report.
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

  /** A stage that ends or fails sends on what it held back, as far as it does so at once: there is no later. */
  #flushLast(): void | Promise<void> {
    return this.#stage.flush?.({ push: (item) => this.#forward(item), flush() {}, end() {} });
  }

  async #resume(pending: Promise<void>): Promise<void> {
    try {
      await pending;
      for (let next = 0; this.#waiting !== undefined && next < this.#waiting.length; next++) {
        await this.flush().catch(() => {}); // the consumer has left: whoever consumes cancels
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
