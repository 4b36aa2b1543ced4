/**
 * Several stages as one.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { isStage } from "./contract.ts";
import { ForeignSteps, type StreamPair } from "./foreign.ts";
import { type AnySteps, Stage } from "./stage.ts";

/** A stage, or a pair of streams such as a `CompressionStream`. */
export type Joinable<I, O> = Stage<I, O> | StreamPair<I, O>;

/** A stage or pair of any types: {@linkcode Joined} checks them. */
// deno-lint-ignore no-explicit-any -- see above
export type AnyJoinable = Joinable<any, any>;

/** The type of a stage's input. */
export type InputOf<T> = T extends { readonly writable: WritableStream<infer I> } ? I : never;
/** The type of a stage's output. */
export type OutputOf<T> = T extends { readonly readable: ReadableStream<infer O> } ? O : never;

/** The stages, each with the output of the one before it as its input. */
export type Joined<S extends readonly unknown[], I> = S extends readonly [infer First, ...infer Rest]
  ? [[I] extends [InputOf<First>] ? First : Joinable<I, OutputOf<First>>, ...Joined<Rest, OutputOf<First>>]
  : [];
/** The last of the stages. */
export type Last<S extends readonly unknown[]> = S extends readonly [...unknown[], infer L] ? L : never;

class Pipeline extends Stage<unknown, unknown> {
  readonly #stages: readonly AnySteps[];

  constructor(transforms: readonly AnyJoinable[]) {
    super();
    this.#stages = transforms.flatMap((transform) =>
      isStage(transform) ? transform.claim() : [new ForeignSteps(transform)]
    );
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
 * but items pass from stage to stage by plain calls, with no stream in between. A pair of streams of somebody else's
 * (`CompressionStream`) may stand among them: it takes its time as ever, and bytes are copied for it.
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
 * @throws {EchopipeError} `in-use` if one of the stages already serves a stream, or a stream of a pair is locked
 */
export function pipeline<A, B>(a: Joinable<A, B>): Stage<A, B>;
/** Joins two. */
export function pipeline<A, B, C>(a: Joinable<A, B>, b: Joinable<B, C>): Stage<A, C>;
/** Joins three. */
export function pipeline<A, B, C, D>(a: Joinable<A, B>, b: Joinable<B, C>, c: Joinable<C, D>): Stage<A, D>;
/** Joins four. */
export function pipeline<A, B, C, D, E>(
  a: Joinable<A, B>,
  b: Joinable<B, C>,
  c: Joinable<C, D>,
  d: Joinable<D, E>,
): Stage<A, E>;
/** Joins five. */
export function pipeline<A, B, C, D, E, F>(
  a: Joinable<A, B>,
  b: Joinable<B, C>,
  c: Joinable<C, D>,
  d: Joinable<D, E>,
  e: Joinable<E, F>,
): Stage<A, F>;
/** Joins six. */
export function pipeline<A, B, C, D, E, F, G>(
  a: Joinable<A, B>,
  b: Joinable<B, C>,
  c: Joinable<C, D>,
  d: Joinable<D, E>,
  e: Joinable<E, F>,
  f: Joinable<F, G>,
): Stage<A, G>;
/** Joins seven. */
export function pipeline<A, B, C, D, E, F, G, H>(
  a: Joinable<A, B>,
  b: Joinable<B, C>,
  c: Joinable<C, D>,
  d: Joinable<D, E>,
  e: Joinable<E, F>,
  f: Joinable<F, G>,
  g: Joinable<G, H>,
): Stage<A, H>;
/** Joins eight. */
export function pipeline<A, B, C, D, E, F, G, H, I>(
  a: Joinable<A, B>,
  b: Joinable<B, C>,
  c: Joinable<C, D>,
  d: Joinable<D, E>,
  e: Joinable<E, F>,
  f: Joinable<F, G>,
  g: Joinable<G, H>,
  h: Joinable<H, I>,
): Stage<A, I>;
/** Joins any number. */
export function pipeline<S extends readonly [AnyJoinable, ...AnyJoinable[]]>(
  ...stages: S & Joined<S, InputOf<S[0]>>
): Stage<InputOf<S[0]>, OutputOf<Last<S>>>;
export function pipeline(...stages: unknown[]): Stage<unknown, unknown> {
  return new Pipeline(stages as AnyJoinable[]);
}
