/**
 * A fault: bytes arrive late.
 *
 * @module
 */
import { checkNumber } from "./check.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { Pause } from "./pause.ts";

/** Bytes that are under way at once, by default. */
const MAX_BYTES = 1 << 20;
/** Each item counts as so many bytes more, so that many small ones are bounded, too. */
const ITEM_BYTES = 64;

/** Options of {@linkcode latency}. */
export interface LatencyOptions {
  /** The delay is up to so many milliseconds shorter or longer, for each item anew. Default 0. */
  readonly jitterMs?: number;
  /**
   * Limit of the bytes under way, each item counted as 64 more: further ones wait, and so does the sender. It bounds the
   * throughput to this many bytes in each delay, as a TCP window does. Default 1,048,576.
   */
  readonly maxBytes?: number;
  /** A source of numbers from 0 (inclusive) to 1 (exclusive), for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

/** An item under way. */
interface Delayed {
  readonly bytes: Uint8Array;
  /** The time it is due, as `performance.now` gives it. */
  readonly due: number;
}

class Latency extends Stage<Uint8Array, Uint8Array> {
  readonly #delayMs: number;
  readonly #jitterMs: number;
  readonly #maxBytes: number;
  readonly #random: () => number;
  readonly #pause = new Pause();
  readonly #queue: Delayed[] = [];
  /** The size of the queue, as its limit counts it. */
  #queued = 0;
  #lastDue = 0;
  /** Pending while items are under way. */
  #sending: Promise<void> | undefined;
  /** Resolves when an item has left the queue. */
  #room: PromiseWithResolvers<void> | undefined;
  #over = false;

  constructor(delayMs: number, { jitterMs = 0, maxBytes = MAX_BYTES, random = Math.random }: LatencyOptions) {
    super();
    this.#delayMs = checkNumber("latency", delayMs, 0, 3_600_000, "milliseconds");
    this.#jitterMs = checkNumber("jitter", jitterMs, 0, delayMs, "milliseconds");
    this.#maxBytes = checkNumber("maxBytes", maxBytes, 1, 2 ** 30, "bytes");
    this.#random = random;
  }

  push(bytes: Uint8Array, out: Output<Uint8Array>): void | Promise<void> {
    const delay = this.#delayMs + (2 * this.#random() - 1) * this.#jitterMs;
    this.#lastDue = Math.max(this.#lastDue, performance.now() + delay); // TCP keeps the order
    this.#queue.push({ bytes: bytes.slice(), due: this.#lastDue });
    this.#queued += bytes.length + ITEM_BYTES;
    this.#sending ??= this.#send(out);
    if (this.#queued > this.#maxBytes) return this.#untilRoom();
  }

  override end(): Promise<void> | undefined {
    return this.#sending;
  }

  override cancel(): void {
    this.#over = true;
    this.#pause.stop();
    this.#room?.resolve();
  }

  async #send(out: Output<Uint8Array>): Promise<void> {
    for (let next; !this.#over && (next = this.#queue[0]) !== undefined;) {
      const wait = next.due - performance.now();
      if (wait > 0) await this.#pause.wait(wait);
      this.#queue.shift();
      this.#queued -= next.bytes.length + ITEM_BYTES;
      out.push(next.bytes);
      await Promise.resolve(out.flush()).catch(() => this.#over = true); // torn down: the run reports why
      this.#room?.resolve();
      this.#room = undefined;
    }
    this.#sending = undefined;
  }

  async #untilRoom(): Promise<void> {
    while (!this.#over && this.#queued > this.#maxBytes) await (this.#room ??= Promise.withResolvers()).promise;
  }
}

/**
 * A fault: everything arrives `delayMs` milliseconds late, 0 to 3,600,000, in order and unchanged.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { latency } from "echopipe/faults";
 *
 * const began = performance.now();
 * await Array.fromAsync(latency(50, { jitterMs: 10 }).over([Uint8Array.of(1), Uint8Array.of(2)]));
 * assert.ok(performance.now() - began >= 39);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a delay out of its range, or a jitter above the delay
 */
export function latency(delayMs: number, options: LatencyOptions = {}): Stage<Uint8Array, Uint8Array> {
  return new Latency(delayMs, options);
}
