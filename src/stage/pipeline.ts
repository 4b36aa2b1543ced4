/**
 * Several stages as one.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type AnyStage, type AnySteps, Stage } from "./stage.ts";

class Pipeline extends Stage<unknown, unknown> {
  readonly #stages: readonly AnySteps[];

  constructor(stages: readonly AnyStage[]) {
    super();
    this.#stages = stages.flatMap((stage) => stage.claim());
  }

  /** Returns the stages themselves: a chain runs them as if they were joined one by one. */
  override claim(): readonly AnySteps[] {
    super.claim();
    return this.#stages;
  }

  push(): never {
    throw new EchopipeError("invalid-argument", "Cannot push to a pipeline: expected pipeThrough, over or pipe");
  }
}

/**
 * Joins stages into one. Output, errors, backpressure and cancellation are the same as with `pipeThrough` between them,
 * but items pass from stage to stage by plain calls, with no stream in between.
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
/** Joins any number of stages; all between the first and the last have the same type of input and output. */
export function pipeline<A, B, Z>(a: Stage<A, B>, ...rest: [...Stage<B, B>[], Stage<B, Z>]): Stage<A, Z>;
export function pipeline(...stages: unknown[]): Stage<unknown, unknown> {
  return new Pipeline(stages as AnyStage[]);
}
