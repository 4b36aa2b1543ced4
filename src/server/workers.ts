/**
 * The workers of a server, beside its main thread.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import type { ServiceLog } from "../service_log.ts";
import type { Listener, ListenEvents, ListenOptions } from "../runtime/socket.ts";
import { Counters } from "./counters.ts";
import type { ServerOptions, ServerSettings } from "./options.ts";
import { listenShared } from "./shared_port.ts";
import type { WorkerData } from "./worker.ts";
import { logOfWorker, RecordCount, recordLost } from "./worker_log.ts";
import { type WorkerOwner, WorkerThread } from "./worker_thread.ts";

/** Beside this file, whether as source or built. */
const workerFile = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

/** The options of {@linkcode OtherWorkers}. */
export interface OtherWorkersOptions extends WorkerOwner {
  readonly settings: ServerSettings;
  /** The module that workers run. Default: `worker.ts`. */
  readonly file?: URL;
}

/** All workers but the first, which is the main thread. */
export class OtherWorkers {
  /** Counters across all workers. */
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
  async stop(limit?: number): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop(limit)));
    recordLost(this.#options.log, this.#records);
  }
}

/** Of a server's settings what another thread can be given, and needs. */
function plain(settings: ServerSettings): ServerOptions {
  const { host, framing, chunkSize, limits, allowStop, tls, serviceName: service, page, faults, workerParts } =
    settings;
  const { access, admins, registration, loginTimeout, insecurePlaintext, proxyProtocol } = settings;
  const logins = { access, admins, registration, loginTimeout, insecurePlaintext };
  return {
    host,
    framing,
    chunkSize,
    ...limits,
    allowStop,
    tls,
    service,
    page,
    faults,
    workerParts,
    proxyProtocol,
    ...logins,
  };
}
