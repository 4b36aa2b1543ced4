/**
 * A worker as the main thread sees it: started, heard, told to stop, and missed if it fails.
 *
 * @module
 */
import type { Worker } from "node:worker_threads";
import { EchopipeError, messageOf } from "../errors.ts";
import type { ServiceLog } from "../service_log.ts";
import type { StopMessage, WorkerMessage } from "./worker.ts";
import { logOfWorker, type RecordCount, recordLost } from "./worker_log.ts";

/** A worker that has not stopped after this long is ended, in milliseconds: its own limits are shorter. */
const STOP_LIMIT_MS = 4750;

/** The same beyond a limit that is given. */
const STOP_GRACE_MS = 750;

/** The receiver of a worker's messages. */
export interface WorkerOwner {
  /** Takes its records. */
  readonly log: ServiceLog;
  /** A client of a worker, one that may, said `stop`. */
  stopRequested(by: string): void;
  /** A worker that was listening failed, and has ended. */
  failed(error: EchopipeError): void;
  /** A worker that has not stopped after this long is ended, in milliseconds. Default 4750. */
  readonly stopLimit?: number;
}

/** One worker, as the main thread sees it. */
export class WorkerThread {
  readonly #number: number;
  readonly #worker: Worker;
  readonly #owner: WorkerOwner;
  readonly #records: RecordCount;
  readonly #listening = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  /** Ended: nothing is expected of it any more, whether it has gone yet or not. */
  #state: "starting" | "listening" | "ended" = "starting";

  /** Follows a worker that was just started; `number` from 2. */
  constructor(number: number, worker: Worker, owner: WorkerOwner, records: RecordCount) {
    this.#number = number;
    this.#worker = worker;
    this.#owner = owner;
    this.#records = records;
    const log = logOfWorker(owner.log, number);
    worker.on("message", (message: WorkerMessage) => this.#heard(message, log));
    worker.on("error", (error) => this.#failed("io", messageOf(error)));
    worker.on("exit", (status) => this.#failed("io", `it ended with status ${status}`));
  }

  /** Settles when it listens, or cannot. */
  get listening(): Promise<void> {
    return this.#listening.promise;
  }

  /** Has it drain, for at most `limit` milliseconds; resolves when it has ended. */
  async stop(limit?: number): Promise<void> {
    if (this.#state !== "ended") {
      this.#worker.postMessage({ limit } satisfies StopMessage);
      const timer = setTimeout(() => {
        this.#record("worker.stuck", `Worker ${this.#number} is ended: it does not stop`);
        this.#stopped.resolve();
      }, limit === undefined ? this.#owner.stopLimit ?? STOP_LIMIT_MS : limit + STOP_GRACE_MS);
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
        log.record(message.level, message.event, message.message, message.fields, message.time);
        return recordLost(this.#owner.log, this.#records);
      }
      case "listening":
        this.#state = "listening";
        return this.#listening.resolve();
      case "stop-requested":
        return this.#owner.stopRequested(message.by);
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
    this.#owner.failed(error);
  }

  #record(event: string, message: string): void {
    this.#owner.log.record("error", event, message, { worker: this.#number });
  }
}
