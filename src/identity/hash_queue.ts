/**
 * Hashes computed one after the other, beside the event loop.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { networkOf } from "../addresses.ts";
import { EchopipeError, messageOf } from "../errors.ts";
import { FairQueue } from "./fair_queue.ts";
import type { HashJob, HashResult } from "./password_worker.ts";

/** Beside this file, whether as source or built. */
const workerFile = new URL(
  import.meta.url.endsWith(".ts") ? "./password_worker.ts" : "./password_worker.js",
  import.meta.url,
);

/** The place of a hash in the queue. */
export interface HashTurn {
  /** The address of the client that it is for: addresses take turns, and the one with the most in the queue gives way. */
  readonly address?: string;
  /** True for a user who logs in from a known address: served before the others. */
  readonly known?: boolean;
  /** Called when the turn has come; may throw instead. */
  readonly before?: () => void;
}

interface Waiting {
  readonly job: Omit<HashJob, "id">;
  readonly before: (() => void) | undefined;
  readonly settle: PromiseWithResolvers<Uint8Array>;
}

/** Every so many turns one goes to those who are not known, however many known ones wait. */
const UNKNOWN_TURN = 4;

/** A queue in front of one worker: one hash at a time, so that its memory is needed once, and a core stays free. */
export class HashQueue {
  readonly #limit: number;
  readonly #known: FairQueue<Waiting>;
  readonly #unknown: FairQueue<Waiting>;
  #worker: Worker | undefined;
  #current: { readonly id: number; readonly settle: PromiseWithResolvers<Uint8Array> } | undefined;
  #ids = 0;
  #closed = false;

  /** A queue in which at most `limit` hashes wait, and as many of users who are known. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#known = new FairQueue(limit);
    this.#unknown = new FairQueue(limit);
  }

  /**
   * Computes a hash when its turn comes.
   *
   * @throws {EchopipeError} `busy` if too many wait, `closed`, `io` if the worker fails
   */
  add(job: Omit<HashJob, "id">, { address = "", known = false, before }: HashTurn = {}): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(closed());
    const settle = Promise.withResolvers<Uint8Array>();
    const evicted = (known ? this.#known : this.#unknown).add(networkOf(address), { job, before, settle });
    evicted?.settle.reject(
      new EchopipeError("busy", `Cannot hash a password: ${this.#limit} are waiting, the limit`, {
        limit: this.#limit,
      }),
    );
    this.#next();
    return settle.promise;
  }

  /** Ends the worker; what waits fails with `closed`. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { settle } of [...this.#known.drain(), ...this.#unknown.drain()]) settle.reject(closed());
    this.#current?.settle.reject(closed());
    this.#current = undefined;
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #take(): Waiting | undefined {
    return this.#ids % UNKNOWN_TURN === 0
      ? this.#unknown.take() ?? this.#known.take()
      : this.#known.take() ?? this.#unknown.take();
  }

  #next(): void {
    while (this.#current === undefined) {
      const waiting = this.#take();
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
