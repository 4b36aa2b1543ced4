/**
 * The workers of a server, beside its main thread.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { EchopipeError, messageOf } from "../errors.ts";
import type { ServiceLog } from "../service_log.ts";
import type { Listener, ListenEvents, ListenOptions } from "../transport/socket.ts";
import { Counters } from "./counters.ts";
import type { ServerOptions, ServerSettings } from "./options.ts";
import { listenShared } from "./shared_port.ts";
import type { WorkerData, WorkerMessage } from "./worker.ts";
import { logOfWorker, RecordCount } from "./worker_log.ts";

/** Beside this file, whether as source or built. */
const workerFile = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

/** What workers are started with. */
export interface OtherWorkersOptions {
  readonly settings: ServerSettings;
  readonly log: ServiceLog;
  /** A client of a worker, one that may, said `stop`. */
  stopRequested(by: string): void;
  /** A worker that was listening failed, and has ended. */
  failed(error: EchopipeError): void;
  /** What the workers run. Default: `worker.ts`. */
  readonly file?: URL;
  /** A worker that has not stopped after this long is ended, in milliseconds. Default 4750: its own limits are shorter. */
  readonly stopLimit?: number;
}

/** All workers but the first, which is the main thread. */
export class OtherWorkers {
  /** What is counted across all workers. */
  readonly counters: Counters = new Counters(new SharedArrayBuffer(Counters.BYTES));
  /** The log of the first worker. */
  readonly ownLog: ServiceLog;
  readonly #options: OtherWorkersOptions;
  readonly #records = new RecordCount();
  #workers: WorkerThread[] = [];

  constructor(options: OtherWorkersOptions) {
    this.#options = options;
    this.ownLog = logOfWorker(options.log, 1);
  }

  /** Listens as the first worker. */
  listen(options: ListenOptions, events: ListenEvents): Promise<Listener> {
    return listenShared(options, events);
  }

  /**
   * Starts the workers; resolves when all of them listen on the port.
   *
   * @throws {EchopipeError} what the first said that could not; then none runs
   */
  async start(port: number): Promise<void> {
    const { settings, file = workerFile } = this.#options;
    const data: WorkerData = {
      options: { ...plain(settings), port },
      counters: this.counters.memory as SharedArrayBuffer,
      records: this.#records.memory,
    };
    try {
      for (let number = 2; number <= settings.workers; number++) {
        const worker = new Worker(file, { workerData: data });
        this.#workers.push(new WorkerThread(number, worker, this.#options, this.#records));
      }
      await Promise.all(this.#workers.map((worker) => worker.listening));
    } catch (error) {
      await Promise.all(this.#workers.map((worker) => worker.end()));
      throw error;
    }
  }

  /** Has the workers drain; resolves when all have ended, of their own accord or at the limit. */
  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    const lost = this.#records.takeLost();
    if (lost > 0) recordLost(this.#options.log, lost);
  }
}

/** One worker, as the main thread sees it. */
class WorkerThread {
  readonly #number: number;
  readonly #worker: Worker;
  readonly #options: OtherWorkersOptions;
  readonly #records: RecordCount;
  readonly #listening = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  #state: "starting" | "listening" | "ended" = "starting";

  constructor(number: number, worker: Worker, options: OtherWorkersOptions, records: RecordCount) {
    this.#number = number;
    this.#worker = worker;
    this.#options = options;
    this.#records = records;
    const log = logOfWorker(options.log, number);
    worker.on("message", (message: WorkerMessage) => this.#heard(message, log));
    worker.on("error", (error) => this.#failed("io", messageOf(error)));
    worker.on("exit", (status) => this.#failed("io", `it ended with status ${status}`));
  }

  /** Settles when it listens, or cannot. */
  get listening(): Promise<void> {
    return this.#listening.promise;
  }

  /** Has it drain; resolves when it has ended. */
  async stop(): Promise<void> {
    if (this.#state !== "ended") {
      this.#worker.postMessage("stop");
      const timer = setTimeout(() => {
        this.#record("worker.stuck", `Worker ${this.#number} is ended: it does not stop`);
        this.#stopped.resolve();
      }, this.#options.stopLimit ?? 4750);
      await this.#stopped.promise;
      clearTimeout(timer);
    }
    await this.end();
  }

  /** Ends it at once. */
  async end(): Promise<void> {
    this.#state = "ended";
    await this.#worker.terminate();
  }

  #heard(message: WorkerMessage, log: ServiceLog): void {
    switch (message.type) {
      case "record": {
        this.#records.arrived();
        log.record(message.level, message.event, message.message, message.fields);
        const lost = this.#records.takeLost();
        if (lost > 0) recordLost(this.#options.log, lost);
        return;
      }
      case "listening":
        this.#state = "listening";
        return this.#listening.resolve();
      case "stop-requested":
        return this.#options.stopRequested(message.by);
      case "stopped":
        this.#state = "ended";
        return this.#stopped.resolve();
      case "failed":
        return this.#failed(message.code, message.message);
    }
  }

  /** It cannot go on: a start fails with the error, a server that runs is told of it. */
  #failed(code: EchopipeError["code"], why: string): void {
    const state = this.#state;
    if (state === "ended") return;
    this.#state = "ended";
    this.#stopped.resolve();
    if (state === "starting") return this.#listening.reject(new EchopipeError(code, why));
    const error = new EchopipeError("io", `Worker ${this.#number} failed: ${why}`);
    this.#record("worker.failed", error.message);
    void this.#worker.terminate(); // whatever it still does, nobody knows
    this.#options.failed(error);
  }

  #record(event: string, message: string): void {
    this.#options.log.record("error", event, message, { worker: this.#number });
  }
}

function recordLost(log: ServiceLog, lost: number): void {
  log.record("warn", "records.lost", `${lost} records of workers were lost: too many at a time`, { lost });
}

/** Of a server's settings what another thread can be given, and needs. */
function plain(settings: ServerSettings): ServerOptions {
  const { host, framing, portion, maxConnections, idleTimeout, tls } = settings;
  return { host, framing, portion, maxConnections, idleTimeout, tls };
}
