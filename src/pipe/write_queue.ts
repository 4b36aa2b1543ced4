/**
 * Queue of output between stages and a sink.
 *
 * @module
 */
import type { Failure } from "../stage/contract.ts";
import { handled } from "../stage/contract.ts";
import type { Chain, Destination } from "../stage/chain.ts";
import { checkBytes } from "../stage/items.ts";
import type { Consumer } from "../stage/run.ts";
import { type ByteSink, taken } from "./bytes.ts";
import { joinSmall } from "./join_small.ts";

/** Writes the output of stages: one write at a time, in order, with all output of one read joined into one write. */
export class WriteQueue implements Consumer<Uint8Array>, Destination {
  readonly #sink: ByteSink;
  readonly #chain: Chain;
  readonly #preventClose: boolean;
  /** Output that is not written yet. */
  #pushed: Uint8Array[] = [];
  /** Pending while the sink is busy; settles when all output pushed meanwhile is written too. */
  #writing: Promise<void> | undefined;
  #failed = false;
  readonly #done = Promise.withResolvers<void>();

  /** Makes the queue of `chain`'s output to `sink`, which `preventClose` leaves open. A failed write cancels the chain. */
  constructor(sink: ByteSink, chain: Chain, preventClose = false) {
    this.#sink = sink;
    this.#chain = chain;
    this.#preventClose = preventClose;
  }

  get consumer(): Consumer<Uint8Array> {
    return this;
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  push(bytes: Uint8Array): void {
    try {
      checkBytes(bytes, "write");
      this.#pushed.push(bytes);
    } catch (reason) {
      this.fail(reason);
    }
  }

  /** Writes the output pushed so far; pending until the sink is ready for more. */
  drained(): void | Promise<void> {
    if (this.#writing !== undefined || this.#pushed.length === 0) return this.#writing;
    if (this.#pushed.length > 1) return this.#writing = handled(this.#writeAll());
    const written = this.#sink.write(this.#pushed.pop()!);
    if (written !== taken) return this.#writing = written.then(this.#onWritten, this.#onFailed);
  }

  stopped(reason: unknown, unused?: Uint8Array): void {
    this.#chain.stop(reason, unused);
  }

  settled(failure?: Failure): void {
    void this.#finish(failure).then(this.#done.resolve, this.#done.reject);
  }

  abort(reason: unknown): void | Promise<void> {
    return this.#sink.abort(reason);
  }

  async #finish(failure: Failure | undefined): Promise<void> {
    if (failure === undefined) {
      await this.drained();
      if (!this.#failed && !this.#preventClose) await this.#sink.endWrite();
      return;
    }
    try {
      await this.drained();
    } catch {
      // The first failure is the one to report.
    }
    throw failure.reason;
  }

  readonly #onWritten = (): void | Promise<void> => {
    this.#writing = undefined;
    return this.drained(); // writes what was pushed meanwhile
  };

  readonly #onFailed = (reason: unknown): void => {
    this.fail(reason);
  };

  async #writeAll(): Promise<void> {
    try {
      while (this.#pushed.length > 0) {
        const pushed = this.#pushed;
        this.#pushed = [];
        for (const bytes of joinSmall(pushed)) await this.#sink.write(bytes);
      }
      this.#writing = undefined;
    } catch (reason) {
      this.fail(reason);
    }
  }

  /** Cancels the stages, also those that wait for the sink. */
  fail(reason: unknown): void {
    this.#pushed = [];
    if (this.#failed) return;
    this.#failed = true;
    this.#chain.cancel(reason);
    this.#done.reject(reason);
  }
}
