/**
 * A clock of virtual time.
 *
 * @module
 */
import { setImmediate } from "node:timers";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
  off: boolean;
}

/** The default of the longest wait, in milliseconds: an hour. */
const MAX_WAIT_MS = 3_600_000;

/**
 * Time that passes only when nothing else is left to do: minutes take moments, and every run is the same. It replaces
 * the clock of what takes one, such as the chat.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { VirtualClock } from "echopipe/testing";
 *
 * const clock = new VirtualClock();
 * let rang = 0;
 * clock.timer(60_000, () => rang++);
 * await clock.pass(59_999);
 * assert.equal(rang, 0);
 * await clock.pass(1);
 * assert.equal(rang, 1);
 * ```
 */
export class VirtualClock {
  #time: number;
  #timers: Timer[] = []; // a heap: the earliest first
  #order = 0;

  /** Makes a clock that shows a time, in milliseconds since 1970. Default: noon of 21 November 2026, UTC. */
  constructor(time: number = Date.UTC(2026, 10, 21, 12)) {
    this.#time = time;
  }

  /** Returns the time, in milliseconds since 1970. */
  readonly now = (): number => this.#time;

  /** Calls `work` once, after `ms` milliseconds; the returned function cancels it. */
  readonly timer = (ms: number, work: () => void): () => void => {
    const timer = { at: this.#time + Math.max(0, ms), order: this.#order++, work, off: false };
    this.#add(timer);
    return () => void (timer.off = true);
  };

  /** Lets time pass until `done` returns true; throws if that takes more than `max` milliseconds (default one hour). */
  async until(done: () => boolean, max: number = MAX_WAIT_MS): Promise<void> {
    const end = this.#time + max;
    for (;;) {
      await settled();
      if (done()) return;
      if (!this.#step(end)) throw new Error(`Cannot wait on: not done after ${max} ms of virtual time`);
    }
  }

  /** Lets so many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    const end = this.#time + ms;
    do await settled(); while (this.#step(end));
    this.#time = end;
  }

  /** Lets time pass until the promise settles, and returns its result; throws as {@linkcode VirtualClock.until} does. */
  async wait<T>(promise: Promise<T>, max?: number): Promise<T> {
    let over = false;
    promise.then(() => over = true, () => over = true);
    await this.until(() => over, max);
    return await promise;
  }

  /** Runs what is due next, and all that is due at the same time. */
  #step(end: number): boolean {
    while (this.#timers[0]?.off) this.#take();
    const first = this.#timers[0];
    if (first === undefined || first.at > end) return false;
    this.#time = first.at;
    while (this.#timers[0]?.at === first.at) {
      const timer = this.#take();
      if (!timer.off) timer.work();
    }
    return true;
  }

  #add(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    for (let up; at > 0 && before(heap[at], heap[up = (at - 1) >> 1]); at = up) {
      [heap[at], heap[up]] = [heap[up], heap[at]];
    }
  }

  #take(): Timer {
    const heap = this.#timers;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && before(heap[child], heap[least])) least = child;
      }
      if (least === at) return first;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Resolves when every promise that can settle by itself has settled. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
