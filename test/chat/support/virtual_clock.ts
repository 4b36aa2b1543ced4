/**
 * Time that passes only when nothing else is left to do: minutes in moments, and the same each time.
 */
import { setImmediate } from "node:timers";
import type { Clock } from "../../../src/chat/environment.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
  off: boolean;
}

export class VirtualClock implements Clock {
  #time = Date.UTC(2026, 10, 21, 12);
  #timers: Timer[] = []; // a heap: the earliest first
  #order = 0;

  now = (): number => this.#time;

  timer = (ms: number, work: () => void): () => void => {
    const timer = { at: this.#time + Math.max(0, ms), order: this.#order++, work, off: false };
    this.#add(timer);
    return () => void (timer.off = true);
  };

  /** Lets time pass until `done` says so; throws if that takes more than `most` milliseconds of it. */
  async until(done: () => boolean, most = 3_600_000): Promise<void> {
    const end = this.#time + most;
    for (;;) {
      await settled();
      if (done()) return;
      if (!this.#step(end)) throw new Error(`not done after ${most} ms of virtual time`);
    }
  }

  /** Lets so many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    const end = this.#time + ms;
    do await settled(); while (this.#step(end));
    this.#time = end;
  }

  /** Lets time pass until the promise settles, and returns what it came to. */
  async wait<T>(promise: Promise<T>, most?: number): Promise<T> {
    let over = false;
    promise.then(() => over = true, () => over = true);
    await this.until(() => over, most);
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

/** Until every promise that can settle by itself has. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
