/**
 * What every way of running a stage does where it ends out of turn.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Output, Stage } from "./stage.ts";

/** What the source and the earlier stages are told when a stage has ended the stream. */
export function endedEarly(): EchopipeError {
  return new EchopipeError("ended", "Cannot go on: a later stage has ended the stream");
}

/** A stage that ends the stream sends on what it held back, as far as it does so at once: there is no later. */
export function flushLast<O>(stage: Stage<never, O>, out: Output<O>): void {
  stage.flush?.(out)?.catch(() => {});
}

/** A stage that threw sends on what it held back before. */
export function flushBroken<O>(stage: Stage<never, O>, out: Output<O>): void {
  try {
    flushLast(stage, out);
  } catch {
    // What it threw first is the failure to report.
  }
}

/** What a stage that still waits for the consumer is told when there is none any more: else it might go on for ever. */
export function gone(reason: unknown): Promise<never> {
  return handled(Promise.reject(reason ?? new EchopipeError("ended", "Cannot go on: the consumer has left")));
}

/** A promise whose failure is not lost on who waits for it, and does not end the process where nobody does. */
export function handled<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => {});
  return promise;
}
