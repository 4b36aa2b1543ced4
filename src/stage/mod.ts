/**
 * Stages and pipelines: everything needed to write stages of your own.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pipeline, stage } from "echopipe/stage";
 *
 * const half = stage<number, number>((n, out) => out.push(n / 2));
 * const odd = stage<number, number>((n, out) => {
 *   if (n % 2 === 1) out.push(n);
 * });
 * assert.deepEqual(await Array.fromAsync(pipeline(half, odd).over([2, 4, 6])), [1, 3]);
 * ```
 *
 * @module
 */
export { EchopipeError, type ErrorCode, type ErrorFields } from "../errors.ts";
export { type AnySteps, type Output, type OverOptions, Stage, stage, type StageParts, type Steps } from "./stage.ts";
export {
  type AnyJoinable,
  type InputOf,
  type Joinable,
  type Joined,
  type Last,
  type OutputOf,
  pipeline,
} from "./pipeline.ts";
export type { StreamPair } from "./foreign.ts";
