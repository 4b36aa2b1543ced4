/**
 * Counters of a load.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import { Latencies } from "./latencies.ts";
import type { Interval, LoadResult } from "./load_contract.ts";
import { Timeline } from "./timeline.ts";

/** The most failures that are told apart. */
const MAX_FAILURES = 8;

/** Counts answers and failures of all peers, in all and by interval. */
export class Recorder {
  readonly connect: Latencies = new Latencies();
  readonly firstByte: Latencies = new Latencies();
  mismatched = 0;
  errors = 0;
  duplicated = 0;
  reordered = 0;
  readonly #latency = new Latencies();
  readonly #failures = new Map<string, number>();
  readonly #timeline = new Timeline();
  #messages = 0;
  #bytes = 0;
  /** Messages that were due earlier are left out. */
  #from = Infinity;
  #last = 0;
  /** Of the current interval; its latencies are added to all others at its end. */
  readonly #now = {
    from: performance.now(),
    messages: 0,
    bytes: 0,
    mismatched: 0,
    errors: 0,
    latency: new Latencies(),
  };

  /** Begins to measure: what is due from now on counts. */
  begin(now: number): void {
    this.#from = this.#last = now;
    this.#clear(now);
  }

  /** Counts an answer. */
  answered(due: number, now: number, bytes: number, intact: boolean): void {
    if (!intact) this.mismatched++;
    const measured = due >= this.#from;
    if (!measured && this.#from !== Infinity) return;
    this.#now.messages++;
    this.#now.bytes += bytes;
    this.#now.latency.record(now - due);
    if (!measured) return;
    this.#messages++;
    this.#bytes += bytes;
    this.#last = now;
  }

  /** Counts a failure; `count`: so many messages that are not answered. */
  failed(error: unknown, count = 1): void {
    this.errors += count;
    const message = messageOf(error);
    const known = this.#failures.get(message);
    if (known !== undefined || this.#failures.size < MAX_FAILURES) this.#failures.set(message, (known ?? 0) + count);
  }

  /** Ends the current interval, and returns it. */
  interval(now: number): Interval {
    const { from, messages, bytes, mismatched, errors, latency } = this.#now;
    const measured = this.#from !== Infinity;
    const zero = measured ? this.#from : now;
    const interval: Interval = {
      from: (from - zero) / 1000,
      to: (now - zero) / 1000,
      measured,
      messages,
      bytes,
      mismatched: this.mismatched - mismatched,
      errors: this.errors - errors,
      p50: latency.percentile(50),
      p99: latency.percentile(99),
      max: latency.percentile(100),
    };
    if (measured) {
      this.#latency.add(latency);
      this.#timeline.add(interval);
    }
    this.#clear(now);
    return interval;
  }

  /** All that was counted; the last interval has ended. `end`: when the measure ended. */
  result(connected: number, end: number, behindMs: number): LoadResult {
    const until = Math.max(this.#last, end);
    return {
      seconds: this.#from === Infinity ? 0 : (until - this.#from) / 1000,
      messages: this.#messages,
      bytes: this.#bytes,
      mismatched: this.mismatched,
      errors: this.errors,
      duplicated: this.duplicated,
      reordered: this.reordered,
      failures: this.#failures,
      latency: this.#latency,
      connect: this.connect,
      firstByte: this.firstByte,
      timeline: this.#timeline.all(),
      behindMs,
      connected,
    };
  }

  #clear(now: number): void {
    const { mismatched, errors } = this;
    this.#now.latency.reset();
    Object.assign(this.#now, { from: now, messages: 0, bytes: 0, mismatched, errors });
  }
}
