/**
 * Intervals of a measure, in bounded memory.
 *
 * @module
 */
import type { Interval } from "./load_contract.ts";

/** The most intervals that are kept. */
const MAX_INTERVALS = 1024;

/** Intervals in a row. Where they become too many, each two neighbours are joined, and so are all that follow. */
export class Timeline {
  intervals: Interval[] = [];
  /** Intervals that become one. */
  #joined = 1;
  #pending: Interval[] = [];

  /** Takes the next interval. */
  add(interval: Interval): void {
    this.#pending.push(interval);
    if (this.#pending.length < this.#joined) return;
    this.intervals.push(this.#pending.reduce(join));
    this.#pending = [];
    if (this.intervals.length < MAX_INTERVALS) return;
    this.intervals = this.intervals.flatMap((one, i, all) => i % 2 === 0 ? [join(one, all[i + 1])] : []);
    this.#joined *= 2;
  }

  /** All intervals, the last one as far as it goes. */
  all(): Interval[] {
    return this.#pending.length === 0 ? this.intervals : [...this.intervals, this.#pending.reduce(join)];
  }
}

/** Two intervals as one. Percentiles cannot be joined exactly: the median is weighted, of the others the worse counts. */
function join(a: Interval, b: Interval): Interval {
  const messages = a.messages + b.messages;
  const worse = (x: number | null, y: number | null) => x === null ? y : y === null ? x : Math.max(x, y);
  const median = a.p50 === null || b.p50 === null
    ? a.p50 ?? b.p50
    : (a.p50 * a.messages + b.p50 * b.messages) / Math.max(1, messages);
  return {
    from: a.from,
    to: b.to,
    measured: a.measured,
    messages,
    bytes: a.bytes + b.bytes,
    mismatched: a.mismatched + b.mismatched,
    errors: a.errors + b.errors,
    p50: median,
    p99: worse(a.p99, b.p99),
    max: worse(a.max, b.max),
  };
}
