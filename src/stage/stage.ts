/**
 * Stages.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { AnySteps, Output, Steps } from "./contract.ts";
import { iterate } from "./iterate.ts";
import { ChainReadable } from "./chain.ts";
import { WritableEnd } from "./writable_end.ts";

/**
 * An incremental transformer: an item in, any number of items out.
 *
 * The same object works in three ways, once: with `readable.pipeThrough(stage)`, over an async iterable with
 * {@linkcode Stage.over}, and inside a {@linkcode pipeline}. Each is equal to this loop:
 *
 * ```text
 * await stage.start(out)      once: a stage that speaks without being asked keeps out
 * for each item of the source:
 *   await stage.push(item, out)
 *   await stage.flush(out)    nothing more has come so far: send on what is held back to be joined
 * await stage.end(out)        unless the stage ended the stream itself
 * on an error or a cancellation, instead of end: stage.cancel(reason)
 * ```
 *
 * `push` may be asynchronous: the next item waits for it. What a stage pushed before it threw is still delivered, then
 * the consumer sees the error.
 *
 * @example A handler of one's own
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Output, Stage } from "echopipe";
 *
 * class Twice extends Stage<number, number> {
 *   push(item: number, out: Output<number>) {
 *     out.push(item);
 *     out.push(item);
 *   }
 * }
 * assert.deepEqual(await Array.fromAsync(new Twice().over([1, 2])), [1, 1, 2, 2]);
 * ```
 */
export abstract class Stage<I, O> implements Steps<I, O> {
  #used = false;
  #pair: { readonly readable: ReadableStream<O>; readonly writable: WritableStream<I> } | undefined;

  /**
   * The stream begins; called once, before all else. A stage that has something to say while no item comes, at a time-out
   * for example, keeps `out`: until its `end` or `cancel` it may push to it, flush and end it at any time.
   * The first item waits for a promise that it returns; a flush follows.
   */
  start?(out: Output<O>): void | Promise<void>;
  /** True where the stage passes every item on as it came and does nothing else: a chain then leaves it out. */
  readonly passthrough?: boolean;

  /**
   * Takes one item. Its bytes stay as they are until what was made of them has been taken, and no longer: a stage that
   * keeps bytes for later copies them.
   */
  abstract push(item: I, out: Output<O>): void | Promise<void>;
  /**
   * Sends on what `push` held back to join it with what follows. Called when no more input is at hand, and before the
   * stage's own end or failure is passed on: what was made before is never lost.
   */
  flush?(out: Output<O>): void | Promise<void>;
  /** The source has ended: sends on what is left. Throws where the source must not end here. */
  end?(out: Output<O>): void | Promise<void>;
  /** The stream was torn down: releases what the stage holds. Nothing is called after it. */
  cancel?(reason: unknown): void | Promise<void>;

  /**
   * Takes the stage for one stream; returns the stages it is made of, itself if it is one.
   *
   * @throws {EchopipeError} `in-use` if it was taken before: a stage has the state of one stream
   */
  claim(): readonly AnySteps[] {
    if (this.#used) {
      throw new EchopipeError("in-use", `Cannot use a ${this.constructor.name} twice: make a new one for each stream`);
    }
    this.#used = true;
    return [this];
  }

  #streams(): { readonly readable: ReadableStream<O>; readonly writable: WritableStream<I> } {
    if (this.#pair === undefined) {
      const stages = this.claim();
      const end = new WritableEnd();
      this.#pair = { readable: new ChainReadable<O>(end, stages), writable: end.writable };
    }
    return this.#pair;
  }

  /** The stage as one half of a `TransformStream`: what comes out. */
  get readable(): ReadableStream<O> {
    return this.#streams().readable;
  }

  /** The stage as one half of a `TransformStream`: what goes in. */
  get writable(): WritableStream<I> {
    return this.#streams().writable;
  }

  /** The stage over an iterable: an async generator of what comes out. Leaving it early cancels stage and source. */
  over(source: AsyncIterable<I> | Iterable<I>): AsyncGenerator<O, void, void> {
    return iterate(this.claim(), source);
  }
}

/** The parts of a stage, for {@linkcode stage}. */
export type StageParts<I, O> =
  & Pick<Stage<I, O>, "push">
  & Partial<Pick<Stage<I, O>, "start" | "flush" | "end" | "cancel">>;

/**
 * Makes a stage of a function, or of the parts of one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stage } from "echopipe";
 *
 * const odd = stage<number, number>((n, out) => {
 *   if (n % 2) out.push(n);
 * });
 * assert.deepEqual(await Array.fromAsync(odd.over([1, 2, 3])), [1, 3]);
 * ```
 */
export function stage<I, O>(
  parts: StageParts<I, O> | ((item: I, out: Output<O>) => void | Promise<void>),
): Stage<I, O> {
  const made = new MadeStage<I, O>();
  return Object.assign(made, typeof parts === "function" ? { push: parts } : parts);
}

class MadeStage<I, O> extends Stage<I, O> {
  push(_item: I, _out: Output<O>): void | Promise<void> {}
}

// deno-lint-ignore no-explicit-any -- where only the joining of stages matters
export type AnyStage = Stage<any, any>;

export type { AnySteps, Output, Steps };
