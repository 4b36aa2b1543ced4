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

/** A stage that threw sends on what it held back before. */
export function flushBroken<O>(stage: Stage<never, O>, out: Output<O>): void {
  try {
    stage.flush?.(out);
  } catch {
    // What it threw first is the failure to report.
  }
}
