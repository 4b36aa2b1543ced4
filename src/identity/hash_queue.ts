/**
 * Hashes computed one after the other, beside the event loop.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { EchopipeError, messageOf } from "../errors.ts";
import type { HashJob, HashResult } from "./password_worker.ts";

/** Beside this file, whether as source or built. */
const workerFile = new URL(
  import.meta.url.endsWith(".ts") ? "./password_worker.ts" : "./password_worker.js",
  import.meta.url,
);

interface Waiting {
  readonly job: Omit<HashJob, "id">;
  readonly before: (() => void) | undefined;
  readonly settle: PromiseWithResolvers<Uint8Array>;
}

/** A queue in front of one worker: one hash at a time, so that its memory is needed once, and a core stays free. */
export class HashQueue {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | undefined;
  #current: { readonly id: number; readonly settle: PromiseWithResolvers<Uint8Array> } | undefined;
  #ids = 0;
  #closed = false;

  /** A queue in which at most `limit` hashes wait. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Computes a hash when its turn comes; `before` is called then, and may throw instead.
   *
   * @throws {EchopipeError} `busy` if too many wait, `closed`, `io` if the worker fails
   */
  add(job: Omit<HashJob, "id">, before?: () => void): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(closed());
    if (this.#waiting.length >= this.#limit) {
      return Promise.reject(
        new EchopipeError("busy", `Cannot hash a password: ${this.#limit} are waiting, the limit`, {
          limit: this.#limit,
        }),
      );
    }
    const settle = Promise.withResolvers<Uint8Array>();
    this.#waiting.push({ job, before, settle });
    this.#next();
    return settle.promise;
  }

  /** Ends the worker; what waits fails with `closed`. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { settle } of this.#waiting.splice(0)) settle.reject(closed());
    this.#current?.settle.reject(closed());
    this.#current = undefined;
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #next(): void {
    while (this.#current === undefined) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      const { job, before, settle } = waiting;
      try {
        before?.();
        const id = ++this.#ids;
        this.#start().postMessage({ id, ...job } satisfies HashJob);
        this.#current = { id, settle };
      } catch (error) {
        settle.reject(error);
      }
    }
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(workerFile);
    worker.on("message", (result: HashResult) => {
      if (result.id !== this.#current?.id) return;
      const { settle } = this.#current;
      this.#current = undefined;
      if ("hash" in result) settle.resolve(result.hash);
      else settle.reject(new EchopipeError("io", `Cannot hash a password: ${result.failure}`));
      this.#next();
    });
    const lost = (cause: unknown) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined; // the next hash gets a new one
      const settle = this.#current?.settle;
      this.#current = undefined;
      settle?.reject(
        new EchopipeError("io", `Cannot hash a password: its worker failed: ${messageOf(cause)}`, { cause }),
      );
      this.#next();
    };
    worker.on("error", lost);
    worker.on("exit", (code) => lost(`exit ${code}`));
    return this.#worker = worker;
  }
}

const closed = () => new EchopipeError("closed", "Cannot hash a password: the queue is closed");
