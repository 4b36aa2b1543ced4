/**
 * Records of clients, summed where one address causes too many.
 *
 * @module
 */
import { networkOf } from "../addresses.ts";
import { Bucket, type Rate } from "../rate.ts";
import type { Fields, Level, ServiceLog } from "../service_log.ts";

/** Rate of `info` records of one address beyond which they are summed. 10,000 take 1 to 4 MB of a log that keeps 50 MiB. */
const ORDINARY: Rate = { atOnce: 10_000, perSecond: 20 };
/** Rate of warnings and errors of one address beyond which they are summed. */
const TROUBLE: Rate = { atOnce: 20, perSecond: 1 };
/** Time between two sums of one address and event, in milliseconds. */
const INTERVAL_MS = 1000;
/** Number of addresses that are remembered; at the limit, the one longest unused starts anew. */
const MAX_ADDRESSES = 1000;
/** Fields that are added up. */
const SUMMED = ["bytes", "chunks", "received_bytes", "sent_bytes"] as const;

/**
 * Makes the log of each address: a client must not push the records of others out of a log that rotates. The records of one
 * address (IPv6: one /64 network) are written as they are up to a rate, and beyond it as one record a second for each event and code,
 * with their `count` and the sums of their bytes.
 */
export class AddressLogs {
  readonly #log: ServiceLog;
  readonly #logs = new Map<string, AddressLog>();
  readonly #summing = new Set<AddressLog>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Writes to `log`. */
  constructor(log: ServiceLog) {
    this.#log = log;
  }

  /** The log of an address. */
  of(address: string): ServiceLog {
    const network = networkOf(address);
    const log = this.#logs.get(network) ?? new AddressLog(this.#log, network, (log) => this.#sum(log));
    this.#logs.delete(network);
    this.#logs.set(network, log); // behind all others: those before it are longer unused
    if (this.#logs.size > MAX_ADDRESSES) this.#logs.delete(this.#logs.keys().next().value!);
    return log;
  }

  /** Writes all sums. */
  flush(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const log of this.#summing) log.flush();
    this.#summing.clear();
  }

  /** Writes the sums of a log within a second. */
  #sum(log: AddressLog): void {
    this.#summing.add(log);
    this.#timer ??= setInterval(() => {
      for (const log of this.#summing) if (!log.flush()) this.#summing.delete(log);
      if (this.#summing.size === 0) this.flush();
    }, INTERVAL_MS);
  }
}

/** What is left of records that were not written. */
interface Sum {
  readonly level: Level;
  readonly event: string;
  readonly code: string | undefined;
  count: number;
  /** The last message. */
  message: string;
  readonly fields: Record<string, number>;
}

/** The log of one address. */
class AddressLog implements ServiceLog {
  readonly #log: ServiceLog;
  readonly #address: string;
  readonly #onSum: (log: AddressLog) => void;
  readonly #ordinary = new Bucket(ORDINARY, performance.now());
  readonly #trouble = new Bucket(TROUBLE, performance.now());
  /** By event and code. Their number is that of the events and their codes. */
  readonly #sums = new Map<string, Sum>();

  constructor(log: ServiceLog, address: string, onSum: (log: AddressLog) => void) {
    this.#log = log;
    this.#address = address;
    this.#onSum = onSum;
  }

  record(level: Level, event: string, message: string, fields?: Fields, time?: number): void {
    const bucket = level === "info" ? this.#ordinary : this.#trouble;
    if (bucket.take(1, performance.now())) return this.#log.record(level, event, message, fields, time);
    const code = typeof fields?.code === "string" ? fields.code : undefined;
    const key = `${event} ${code}`;
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      this.#sums.set(key, sum = { level, event, code, count: 0, message, fields: {} });
      this.#onSum(this);
    }
    sum.count++;
    sum.message = message;
    for (const name of SUMMED) {
      const value = fields?.[name];
      if (typeof value === "number") sum.fields[name] = (sum.fields[name] ?? 0) + value;
    }
    if (typeof fields?.refused === "number") sum.fields.refused = fields.refused; // a running total
  }

  /** Writes the sums; false: there were none. */
  flush(): boolean {
    const some = this.#sums.size > 0;
    for (const { level, event, code, count, message, fields } of this.#sums.values()) {
      const from = this.#address === "" ? "" : ` from ${this.#address}`;
      const text = `${count} more of ${event}${from}, the last: ${message}`;
      this.#log.record(level, event, text, { address: this.#address, code, count, ...fields });
    }
    this.#sums.clear();
    return some;
  }
}
