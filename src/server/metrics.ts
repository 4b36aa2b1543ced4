/**
 * The figures of a server, for Prometheus.
 *
 * @module
 */
import process from "node:process";
import { Counter, type CounterConfiguration, Gauge, Histogram, Registry } from "prom-client";
import type { Fields, Level, ServiceLog } from "../service_log.ts";

/** Time between two measurements of the event loop's delay, in milliseconds. */
const SAMPLE_MS = 100;
/** Limits of the classes of delays, in seconds. */
const DELAYS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Results of a login by their events. */
const LOGINS: Readonly<Record<string, string>> = {
  "access.admitted": "admitted",
  "access.registered": "registered",
  "access.wrong": "wrong-password",
  "access.refused": "refused",
  "access.revoked": "revoked",
  "access.failed": "failed",
};

/**
 * Counts the records of a server on their way to its log. All figures of clients come from records: the data path is not
 * touched, and the records of all workers pass here. `data.*` are summed once a second, so are these figures.
 */
export class Metrics implements ServiceLog {
  readonly #log: ServiceLog;
  readonly #registry = new Registry();
  readonly #connections = this.#counter("connections_total", "Connections that were served");
  readonly #data = {
    "data.received": {
      bytes: this.#counter("received_bytes_total", "Bytes received from clients"),
      chunks: this.#counter("received_chunks_total", "Chunks of messages received from clients"),
    },
    "data.sent": {
      bytes: this.#counter("sent_bytes_total", "Bytes sent to clients"),
      chunks: this.#counter("sent_chunks_total", "Chunks of messages sent to clients"),
    },
  };
  readonly #refusals = this.#counter("refused_total", "Connections that were closed at once, by reason", "reason");
  readonly #logins = this.#counter("logins_total", "Logins, by result", "result");
  readonly #troubles = this.#counter("troubles_total", "Warnings and errors in the log, by event", "event");
  readonly #lost = this.#counter("lost_records_total", "Records of workers that were lost, and are counted nowhere");
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Passes records on to `log`. */
  constructor(log: ServiceLog) {
    this.#log = log;
  }

  /** Begins to measure; until {@linkcode Metrics.close}. `open` returns the number of open connections. */
  measure(open: () => number): void {
    this.#gauge("echopipe_connections", "Open connections", open);
    this.#gauge("process_resident_memory_bytes", "Resident memory", () => process.memoryUsage().rss);
    this.#gauge("process_heap_bytes", "Used memory of the JavaScript heap", () => process.memoryUsage().heapUsed);
    const started = Date.now() / 1000 - performance.now() / 1000;
    this.#gauge("process_start_time_seconds", "Start of the process, in seconds since 1970", () => started);
    const delay = new Histogram({
      name: "echopipe_event_loop_delay_seconds",
      help: "Time that timers of the main thread were late",
      buckets: DELAYS,
      registers: [this.#registry],
    });
    let due = performance.now() + SAMPLE_MS;
    this.#timer = setInterval(() => {
      const now = performance.now();
      delay.observe(Math.max(0, now - due) / 1000);
      due = now + SAMPLE_MS;
    }, SAMPLE_MS);
  }

  /** Content type of {@linkcode Metrics.text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  record(level: Level, event: string, message: string, fields: Fields = {}, time?: number): void {
    this.#count(level, event, fields);
    this.#log.record(level, event, message, fields, time);
  }

  /** All figures in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Ends the measurements. */
  close(): void {
    clearInterval(this.#timer);
  }

  #count(level: Level, event: string, fields: Fields): void {
    const times = numberIn(fields.count) || 1; // a summed record has a count
    if (event === "client.connected") this.#connections.inc(times);
    else if (event === "client.refused") this.#refusals.inc({ reason: String(fields.code) }, times);
    else if (event === "accept.failed") this.#refusals.inc({ reason: `accept-${fields.code ?? "failed"}` }, times);
    else if (event === "records.lost") this.#lost.inc(numberIn(fields.lost));
    else if (event === "data.received" || event === "data.sent") {
      this.#data[event].bytes.inc(numberIn(fields.bytes));
      this.#data[event].chunks.inc(numberIn(fields.chunks));
    } else if (Object.hasOwn(LOGINS, event)) this.#logins.inc({ result: LOGINS[event] }, times);
    if (level !== "info") this.#troubles.inc({ event }, times);
  }

  #counter(name: string, help: string, label?: string): Counter {
    const labelNames = label === undefined ? [] : [label];
    const options: CounterConfiguration<string> = { name: `echopipe_${name}`, help, labelNames };
    return new Counter({ ...options, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(value());
      },
    });
  }
}

function numberIn(value: Fields[string]): number {
  return typeof value === "number" ? value : 0;
}
