/**
 * Encodes items outside of a stream.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { AnySteps, Failure, Output } from "../stage/contract.ts";
import type { Stage } from "../stage/stage.ts";

/**
 * Calls the stages of an encoder for one item at a time. Where a stage throws, the item is refused, and the next one is
 * encoded as if it had not been: encoders check an item before they push any of it.
 */
export class Encoding<O> {
  readonly #steps: readonly AnySteps[];
  readonly #outputs: readonly Output<unknown>[];
  #pieces: Uint8Array[] = [];
  #failure: Failure | undefined;

  /** Claims an encoder, and starts it. */
  constructor(encoder: Stage<O, Uint8Array>) {
    this.#steps = encoder.claim();
    this.#outputs = this.#steps.map((_, index) => this.#outputOf(index));
    this.#steps.forEach((step, i) => synchronous(step.start?.(this.#outputs[i])));
  }

  /** Encodes an item. Throws what the encoder throws; `invalid-argument` if that is asynchronous. */
  push(item: O): void {
    synchronous(this.#steps[0].push(item, this.#outputs[0]));
  }

  /** Takes the bytes of all items so far. Throws what a stage has failed with. */
  take(): Uint8Array[] {
    this.#steps.forEach((step, i) => synchronous(step.flush?.(this.#outputs[i])));
    return this.#taken();
  }

  /** Ends the encoder, and takes its last bytes. */
  end(): Uint8Array[] {
    this.#steps.forEach((step, i) => {
      synchronous(step.flush?.(this.#outputs[i]));
      synchronous(step.end?.(this.#outputs[i]));
    });
    return this.#taken();
  }

  #taken(): Uint8Array[] {
    if (this.#failure !== undefined) throw this.#failure.reason;
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #outputOf(index: number): Output<unknown> {
    return {
      push: (item) => {
        if (index + 1 === this.#steps.length) this.#pieces.push(item as Uint8Array);
        else synchronous(this.#steps[index + 1].push(item, this.#outputs[index + 1]));
      },
      flush() {},
      end() {},
      fail: (reason) => void (this.#failure ??= { reason }),
      keep() {},
    };
  }
}

function synchronous(pending: void | Promise<void>): void {
  if (pending === undefined) return;
  pending.catch(() => {}); // the error below is the one to report
  throw new EchopipeError("invalid-argument", "Cannot encode an item: the encoder waits; expected one that does not");
}
