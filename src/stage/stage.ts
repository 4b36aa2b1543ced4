/**
 * Stages.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { AnySteps, Output, Steps } from "./contract.ts";
import { iterate, type OverOptions } from "./iterate.ts";
import { ChainReadable } from "./chain.ts";
import { WritableEnd } from "./writable_end.ts";

/**
 * An incremental transformer: for each input item it emits any number of output items.
 *
 * A stage is used once, in one of three ways: with `readable.pipeThrough(stage)`, over an iterable with
 * {@linkcode Stage.over}, or inside a {@linkcode pipeline}. Each is equivalent to this loop:
 *
 * ```text
 * await stage.start(out)      once: a stage that emits items by itself keeps out
 * for each item of the source:
 *   await stage.push(item, out)
 *   await stage.flush(out)    no more input is at hand: emit what was held back
 * await stage.end(out)        unless the stage has ended the stream itself
 * on an error or a cancellation, instead of end: stage.cancel(reason)
 * ```
 *
 * `push` may be asynchronous: the next item waits for it. If a stage throws, the consumer receives all items that were
 * emitted before, then the error.
 *
 * @example A stage of your own
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
   * Called once, before everything else; a flush follows. The first item waits for the returned promise.
   *
   * A stage that emits items while no input arrives, at a timeout for example, keeps `out`: it may push, flush and end
   * at any time until its `end` or `cancel` is called.
   */
  start?(out: Output<O>): void | Promise<void>;
  /** True where the stage passes on every item unchanged and does nothing else: a chain leaves such a stage out. */
  readonly passthrough?: boolean;
  /** True inside a message or line that was begun, and whose rest has to come: `headerTimeout` of a server limits it. */
  get begun(): boolean {
    return false;
  }

  /**
   * Called for each item. Its bytes are valid only until the output of this call is consumed: a stage that keeps bytes
   * for later copies them.
   */
  abstract push(item: I, out: Output<O>): void | Promise<void>;
  /**
   * Emits what `push` held back to join it with later items. Called when no more input is at hand, and before the
   * stage's own end or failure is passed on, so that nothing is lost.
   */
  flush?(out: Output<O>): void | Promise<void>;
  /** Called when the source has ended: emits what is left. Throws where the source must not end here. */
  end?(out: Output<O>): void | Promise<void>;
  /**
   * Called of the first stage of a chain when a later one has ended the stream: takes the bytes that this one was given
   * and has made no item of. A connection returns them to its next reader.
   */
  takeUnused?(): Uint8Array | undefined;
  /** Called when the stream was torn down: releases resources. Nothing is called after it. */
  cancel?(reason: unknown): void | Promise<void>;

  /**
   * Claims the stage for one stream; returns the stages it consists of, or itself.
   *
   * @throws {EchopipeError} `in-use` the second time: a stage holds the state of one stream
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

  /** The readable side, as of a `TransformStream`: the output. */
  get readable(): ReadableStream<O> {
    return this.#streams().readable;
  }

  /** The writable side, as of a `TransformStream`: the input. */
  get writable(): WritableStream<I> {
    return this.#streams().writable;
  }

  /**
   * Runs the stage over an iterable, as an async generator of the output. Leaving it early cancels the stage, and the
   * source unless `preventCancel` is set.
   */
  over(source: AsyncIterable<I> | Iterable<I>, options?: OverOptions): AsyncGenerator<O, void, void> {
    return iterate(this.claim(), source, options);
  }
}

/** The methods of a stage, for {@linkcode stage}. */
export type StageParts<I, O> =
  & Pick<Stage<I, O>, "push">
  & Partial<Pick<Stage<I, O>, "start" | "flush" | "end" | "cancel">>;

/**
 * Makes a stage from its `push` function, or from several of its methods.
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

// deno-lint-ignore no-explicit-any -- for code that joins stages and handles no items
export type AnyStage = Stage<any, any>;

export type { AnySteps, Output, OverOptions, Steps };
