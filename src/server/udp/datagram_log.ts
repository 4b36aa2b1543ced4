/**
 * The records of datagrams, summed.
 *
 * @module
 */
import { messageOf } from "../../errors.ts";
import { count, type ServiceLog } from "../../service_log.ts";

/** Least time between two sums of one kind, in milliseconds. */
const INTERVAL_MS = 1000;

/** Numbers of datagrams and their bytes. */
export interface DatagramSum {
  /** Number of datagrams. */
  readonly datagrams: number;
  /** Their bytes, headers not counted. */
  readonly bytes: number;
}

/** All datagrams of a server so far. */
export interface DatagramCounts {
  /** From clients that may be answered. */
  readonly received: DatagramSum;
  /** Answers. */
  readonly sent: DatagramSum;
  /** Not answered, for any reason. */
  readonly dropped: DatagramSum;
}

/** What happens to a datagram. */
type Fate = "received" | "sent" | "dropped";

/** The sum of one record: so many datagrams that had the same fate for the same reason. */
class Sum {
  readonly all = { datagrams: 0, bytes: 0 };
  readonly #log: ServiceLog;
  readonly #fate: Fate;
  readonly #reason: string | undefined;
  #logged: DatagramSum = { datagrams: 0, bytes: 0 };
  #at = -Infinity;

  constructor(log: ServiceLog, fate: Fate, reason: string | undefined) {
    this.#log = log;
    this.#fate = fate;
    this.#reason = reason;
  }

  add(datagrams: number, bytes: number): void {
    this.all.datagrams += datagrams;
    this.all.bytes += bytes;
    if (this.#at === -Infinity) this.record(performance.now());
  }

  /** Records what came since the last time, at most once in an interval unless it is the `last` time. */
  record(now: number, last = false): void {
    const datagrams = this.all.datagrams - this.#logged.datagrams;
    if (datagrams === 0 || !last && now - this.#at < INTERVAL_MS) return;
    const bytes = this.all.bytes - this.#logged.bytes;
    this.#logged = { ...this.all };
    this.#at = now;
    const what = `${this.#fate[0].toUpperCase()}${this.#fate.slice(1)} ${count(datagrams, "datagram")}`;
    const reason = this.#reason === undefined ? "" : ` ${this.#reason}`;
    const level = this.#fate === "dropped" ? "warn" : "info";
    this.#log.record(level, `udp.${this.#fate}`, `${what} of ${count(bytes, "byte")}${reason}`, {
      datagrams,
      bytes,
      reason: this.#reason,
    });
  }
}

/** Counts datagrams and logs them: the first of each kind at once, then at most one sum a second, none lost from the sums. */
export class DatagramLog {
  readonly #log: ServiceLog;
  readonly #sums = new Map<string, Sum>();
  readonly #counts: Record<Fate, { datagrams: number; bytes: number }> = {
    received: { datagrams: 0, bytes: 0 },
    sent: { datagrams: 0, bytes: 0 },
    dropped: { datagrams: 0, bytes: 0 },
  };
  readonly #timer: ReturnType<typeof setInterval>;
  #failures = 0;
  #failedAt = -Infinity;

  /** Logs to `log` until it is closed. */
  constructor(log: ServiceLog) {
    this.#log = log;
    this.#timer = setInterval(() => this.#record(), INTERVAL_MS);
  }

  /** All datagrams so far. */
  get counts(): DatagramCounts {
    return this.#counts;
  }

  /** Counts datagrams; `reason`, one of a few, for those that are dropped. */
  add(fate: Fate, bytes: number, reason?: string, datagrams = 1): void {
    this.#counts[fate].datagrams += datagrams;
    this.#counts[fate].bytes += bytes;
    const key = reason ?? fate;
    let sum = this.#sums.get(key);
    if (sum === undefined) this.#sums.set(key, sum = new Sum(this.#log, fate, reason));
    sum.add(datagrams, bytes);
  }

  /** Records a failure to send or receive, at most one a second. */
  failed(error: unknown): void {
    this.#failures++;
    const now = performance.now();
    if (now - this.#failedAt < INTERVAL_MS) return;
    this.#failedAt = now;
    this.#log.record("warn", "udp.failed", messageOf(error), { failures: this.#failures });
    this.#failures = 0;
  }

  /** Records what is left, once. */
  close(): void {
    clearInterval(this.#timer);
    this.#record(true);
  }

  #record(last = false): void {
    const now = performance.now();
    for (const sum of this.#sums.values()) sum.record(now, last);
  }
}
