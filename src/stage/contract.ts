/**
 * The contract between a stage and whatever runs it.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/** The output of a stage. */
export interface Output<O> {
  /** Passes one item on. Never throws and never waits: see {@linkcode Output.flush} for backpressure. */
  push(item: O): void;
  /**
   * Sends on what was pushed so far. A promise resolves when the consumer has taken it; a stage that makes many items of
   * one waits for it now and then, so that they never pile up. It rejects when the stream was torn down.
   */
  flush(): void | Promise<void>;
  /**
   * Ends the stream after what was pushed, and after the stage's call that is under way: the consumer sees the end, the
   * source is cancelled with an error of code `ended`. What is pushed from now on is dropped.
   */
  end(): void;
}

/** The calls of a stage, as whatever runs it sees them; `Stage` says what each is for. */
export interface Steps<I, O> {
  /** True where the stage passes every item on as it came. */
  readonly passthrough?: boolean;
  /** The stream begins. */
  start?(out: Output<O>): void | Promise<void>;
  /** Takes one item. */
  push(item: I, out: Output<O>): void | Promise<void>;
  /** Sends on what `push` held back. */
  flush?(out: Output<O>): void | Promise<void>;
  /** The source has ended. */
  end?(out: Output<O>): void | Promise<void>;
  /** The stream was torn down. */
  cancel?(reason: unknown): void | Promise<void>;
}

/** The calls of a stage of any items: a chain is checked where it is joined. */
// deno-lint-ignore no-explicit-any -- see above
export type AnySteps = Steps<any, any>;

/** What was thrown. */
export interface Failure {
  readonly reason: unknown;
}

/** A stage as others join it. */
export interface Claimable {
  /** Takes the stage for one stream, and returns the stages it is made of. Throws `in-use` if it was taken before. */
  claim(): readonly AnySteps[];
}

/** Whether a transform is a stage of ours. */
export function isStage(transform: object): transform is Claimable {
  return "claim" in transform;
}

/** The reason that the source and the earlier stages are told when a stage has ended the stream. */
export function endedEarly(): EchopipeError {
  return new EchopipeError("ended", "Cannot go on: a later stage has ended the stream");
}

/** A promise whose failure is not lost on who waits for it, and does not end the process where nobody does. */
export function handled<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => {});
  return promise;
}
