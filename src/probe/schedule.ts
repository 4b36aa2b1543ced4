/**
 * The times at which messages are due, where they do not wait for answers (an open loop).
 *
 * @module
 */
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from "node:timers";

/** Timers are late by up to this many milliseconds: so near to the next message the loop is polled instead. */
const TIMER_MS = 2;

/**
 * Calls `due` with each slot of a steady rate and its time, never early. Slots that are late, for whatever reason, are
 * called all the same, with the time at which they were due: nothing is skipped, so a stall counts against all messages
 * that it holds up. Within 2 ms of the next slot the event loop is polled, since timers are not that exact: from about
 * 500 slots a second on that takes the thread whole.
 */
export class Schedule {
  /** The most that this thread itself was late, in milliseconds. */
  behind = 0;
  readonly #start: number;
  readonly #interval: number;
  readonly #due: (slot: number, at: number) => void;
  #slot = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #poll: ReturnType<typeof setImmediate> | undefined;

  /** `rate`: slots a second, from now on. */
  constructor(rate: number, due: (slot: number, at: number) => void) {
    this.#start = performance.now();
    this.#interval = 1000 / rate;
    this.#due = due;
    this.#wait();
  }

  /** Ends the schedule: calls what was due before `end`, and nothing that comes later. */
  stop(end: number = performance.now()): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#poll);
    this.#call(end);
  }

  readonly #run = () => {
    const now = performance.now();
    this.behind = Math.max(this.behind, now - this.#next);
    this.#call(now);
    this.#wait();
  };

  get #next(): number {
    return this.#start + this.#slot * this.#interval; // not by addition: errors would add up
  }

  #call(now: number): void {
    for (let at; (at = this.#next) <= now; this.#slot++) this.#due(this.#slot, at);
  }

  #wait(): void {
    const wait = this.#next - performance.now();
    if (wait > TIMER_MS) this.#timer = setTimeout(this.#run, wait - TIMER_MS);
    else this.#poll = setImmediate(this.#run);
  }
}
