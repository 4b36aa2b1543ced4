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
 * Reads a source for a run of stages: the bytes of a read pass all stages in one call, and the next read begins when
 * the consumer is ready for more. That is backpressure from end to end.
 *
 * With a {@linkcode WriteQueue} as the consumer, the buffer of a read is reused for the next one.
 */
export class ByteOrigin implements Origin {
  readonly #source: ByteSource;
  #subscription: Subscription | undefined;
  #stopped = false;
  #reuse = false;
  /** A read is pending, or the subscription waits for bytes. */
  #reading = false;

  /** Makes the origin of a source. Nothing else may read the source meanwhile. */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  feed(run: Run<unknown, unknown>, consumer: Consumer<unknown>): void {
    this.#reuse = consumer instanceof WriteQueue;
    this.#source.onEnd = () => {
      if (!this.#reading || this.#stopped) return; // the next read returns null
      this.stop();
      void run.finish();
    };
    this.#source.reader ??= run;
    void this.#feed(run, consumer);
  }

  stop(_reason?: unknown, unused?: Uint8Array): void {
    this.#stopped = true;
    this.#source.onEnd = undefined; // whoever reads next hears of the end
    this.#subscription?.cancel();
    if (this.#reading && this.#subscription === undefined) this.#source.abandon?.();
    if (unused !== undefined && unused.length > 0) this.#source.unread?.(unused);
  }

  cancel(reason: unknown): void | Promise<void> {
    this.stop();
    return this.#source.abort(reason);
  }

  /** Reads until the end. A single function: each suspended one costs an idle connection memory. */
  async #feed(run: Run<unknown, unknown>, consumer: Consumer<unknown>): Promise<void> {
    try {
      const started = run.start();
      if (started !== undefined) await started;
      const greeted = consumer.drained();
      if (greeted !== undefined) await greeted;
      // A stream pulls each item. A subscription would read ahead of it, and later reads would miss those bytes.
      const subscribe = this.#reuse ? this.#source.subscribe : undefined;
      if (subscribe !== undefined && !this.#stopped) await this.#listen(subscribe, run, consumer);
      while (subscribe === undefined && !this.#stopped) {
        this.#reading = true;
        const bytes = await this.#source.read();
        this.#reading = false;
        if (bytes === null || this.#stopped) break;
        const passing = run.push(bytes);
        if (passing !== undefined) await passing;
        const writing = consumer.drained();
        if (writing !== undefined) await writing;
        if (!run.takeKept() && this.#reuse) this.#source.release();
      }
      if (!this.#stopped) void run.finish();
    } catch (reason) {
      if (!this.#stopped) void run.fail(reason); // once stopped, a failed read concerns nobody
    }
  }

  /** Passes bytes on as they arrive as events: with no promise for a read, and none for most writes. */
  #listen(
    subscribe: NonNullable<ByteSource["subscribe"]>,
    run: Run<unknown, unknown>,
    consumer: Consumer<unknown>,
  ): Promise<void> {
    const done = () => {
      if (!run.takeKept()) this.#source.release(); // only a consumer that lets it reuse memory has subscribed
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
    return this.#subscription.ended;
  }
}
