/**
 * The contract between a stage and its runner.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/** The output of a stage. */
export interface Output<O> {
  /** Emits one item. Never throws and never waits: see {@linkcode Output.flush} for backpressure. */
  push(item: O): void;
  /**
   * Passes on the items pushed so far. A returned promise resolves when the consumer is ready for more, and rejects
   * when the stream was torn down. A stage that makes many items of one awaits it now and then, so that they never pile
   * up.
   */
  flush(): void | Promise<void>;
  /**
   * Ends the stream early, once the pending call of the stage returns. The consumer receives the items pushed before,
   * then the end; the source is cancelled with an error of code `ended`. Items pushed later are dropped.
   */
  end(): void;
  /** Fails the stream at once, from a timer or a promise of the stage's own. In a call of the stage, throw instead. */
  fail(reason: unknown): void;
  /**
   * Keeps the memory of the item at hand: the source does not use it again. For a stage that needs bytes beyond its
   * `push` and does not copy them.
   */
  keep(): void;
}

/** The methods of a stage that its runner calls; `Stage` documents each. */
export interface Steps<I, O> {
  /** True where the stage passes on every item unchanged. */
  readonly passthrough?: boolean;
  /** True inside a message or line that was begun, and whose rest has to come. */
  readonly begun?: boolean;
  /** Called once, when the stream begins. */
  start?(out: Output<O>): void | Promise<void>;
  /** Called for each item. */
  push(item: I, out: Output<O>): void | Promise<void>;
  /** Called when no more input is at hand: emits what `push` held back. */
  flush?(out: Output<O>): void | Promise<void>;
  /** Called when the source has ended. */
  end?(out: Output<O>): void | Promise<void>;
  /**
   * Called of the first stage of a chain when a later one has ended the stream: takes the bytes that this one was given
   * and has made no item of. They go back to the source.
   */
  takeUnused?(): Uint8Array | undefined;
  /** Called when the stream was torn down. */
  cancel?(reason: unknown): void | Promise<void>;
}

/** A stage's methods for items of any type: types are checked where stages are joined. */
// deno-lint-ignore no-explicit-any -- see above
export type AnySteps = Steps<any, any>;

/** A failure: `reason` is the value that was thrown. */
export interface Failure {
  readonly reason: unknown;
}

/** A stage that can be joined to a chain. */
export interface Claimable {
  /** Claims the stage for one stream; returns the stages it consists of. Throws `in-use` the second time. */
  claim(): readonly AnySteps[];
}

/** True for a stage of this library, false for any other transform. */
export function isStage(transform: object): transform is Claimable {
  return "claim" in transform;
}

/** The reason for cancelling the source and the earlier stages when a stage has ended the stream. */
export function endedEarly(): EchopipeError {
  return new EchopipeError("ended", "Cannot go on: a later stage has ended the stream");
}

/** Marks a promise as handled: its rejection still reaches whoever awaits it, and is never reported as unhandled. */
export function handled<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => {});
  return promise;
}
