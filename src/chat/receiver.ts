/**
 * The receiving side of a numbered sequence: in order, exactly once.
 *
 * @module
 */
import type { Acknowledgement } from "./wire.ts";

/** How many numbers beyond the first missing one are taken. */
export const WINDOW = 64;

/** Puts numbered payloads in order and drops what comes twice. Holds at most {@linkcode WINDOW} that came early. */
export class Receiver {
  /** All up to this number have come. */
  #complete = 0;
  readonly #early = new Map<number, Uint8Array>();

  /** Whether the number is new and within the window. */
  wants(sequence: number): boolean {
    return sequence > this.#complete && sequence <= this.#complete + WINDOW && !this.#early.has(sequence);
  }

  /** Takes a payload that is wanted; returns those whose turn it now is. */
  take(sequence: number, payload: Uint8Array): Uint8Array[] {
    this.#early.set(sequence, payload);
    const ready: Uint8Array[] = [];
    for (let next; (next = this.#early.get(this.#complete + 1)) !== undefined;) {
      this.#early.delete(++this.#complete);
      ready.push(next);
    }
    return ready;
  }

  /** What has come. */
  get acknowledgement(): Acknowledgement {
    const early = new Uint8Array(WINDOW / 8);
    for (const sequence of this.#early.keys()) {
      const bit = sequence - this.#complete - 1;
      early[bit >> 3] |= 1 << (bit & 7);
    }
    return { complete: this.#complete, early };
  }
}
