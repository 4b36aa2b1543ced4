/**
 * A byte source as the origin of a chain of stages.
 *
 * @module
 */
import type { Origin } from "../stage/readable_end.ts";
import type { Consumer, Run } from "../stage/run.ts";
import type { ByteSource, Subscription } from "./bytes.ts";
import { WriteQueue } from "./write_queue.ts";

/**
 * Reads a source for a run: what a read brings passes the stages in one call, and the next read begins when the consumer
 * wants more, which is backpressure from the one end to the other.
 *
 * Where the consumer writes, the memory of a read is used again for the next: stages that keep bytes copy them.
 */
export class ByteOrigin implements Origin {
  readonly #source: ByteSource;
  #subscription: Subscription | undefined;
  #stopped = false;
  #reuse = false;
  /** A read is pending, or a subscriber waits. */
  #reading = false;

  /** Reads that source, which nobody else reads meanwhile. */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  feed(run: Run<unknown, unknown>, consumer: Consumer<unknown>): void {
    this.#reuse = consumer instanceof WriteQueue;
    this.#source.onEnd = () => {
      if (!this.#reading || this.#stopped) return; // the next read says so
      this.stop();
      void run.finish();
    };
    this.#feed(run, consumer).catch((reason) => {
      if (!this.#stopped) void run.fail(reason); // a read that was left behind is nobody's
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#subscription?.cancel();
  }

  cancel(reason: unknown): void | Promise<void> {
    this.stop();
    return this.#source.abort(reason);
  }

  async #feed(run: Run<unknown, unknown>, consumer: Consumer<unknown>): Promise<void> {
    const started = run.start();
    if (started !== undefined) await started;
    const greeted = consumer.drained();
    if (greeted !== undefined) await greeted;
    if (this.#stopped) return;
    // A stream asks for each item: it is read for, so that what nobody asks for is left to who reads next.
    const subscribe = this.#reuse ? this.#source.subscribe : undefined;
    if (subscribe === undefined) await this.#read(run, consumer);
    else await this.#listen(subscribe, run, consumer);
    if (!this.#stopped) void run.finish();
  }

  /** Resolves at the end of the source, or when it is stopped. */
  async #read(run: Run<unknown, unknown>, consumer: Consumer<unknown>): Promise<void> {
    while (!this.#stopped) {
      this.#reading = true;
      const bytes = await this.#source.read();
      this.#reading = false;
      if (bytes === null || this.#stopped) return;
      const passing = run.push(bytes);
      if (passing !== undefined) await passing;
      const writing = consumer.drained();
      if (writing !== undefined) await writing;
      if (this.#reuse) this.#source.release();
    }
  }

  /** As {@linkcode ByteOrigin.#read}, with no promise for a read, and none for most writes. */
  async #listen(
    subscribe: NonNullable<ByteSource["subscribe"]>,
    run: Run<unknown, unknown>,
    consumer: Consumer<unknown>,
  ): Promise<void> {
    const done = () => {
      if (this.#reuse) this.#source.release();
      this.#reading = true;
    };
    const passed = (): void | Promise<void> => {
      const writing = consumer.drained();
      return writing === undefined ? done() : writing.then(done);
    };
    this.#reading = true;
    this.#subscription = subscribe.call(this.#source, (bytes) => {
      this.#reading = false;
      const passing = run.push(bytes);
      return passing === undefined ? passed() : passing.then(passed);
    });
    await this.#subscription.ended;
  }
}
