/**
 * The writable end of a chain of stages.
 *
 * @module
 */
import type { Origin, Relief } from "./readable_end.ts";
import type { Consumer, Run } from "./run.ts";

/** The underlying sink of a `WritableStream` that feeds a chain of stages. */
export class WritableEnd implements Origin {
  readonly writable: WritableStream<unknown>;
  #controller!: WritableStreamDefaultController;
  #run: Run<unknown, unknown> | undefined;
  #consumer: (Consumer<unknown> & Partial<Relief>) | undefined;
  /** Resolves when the run has begun. */
  readonly #begun = Promise.withResolvers<void>();
  /** No more items are accepted. */
  #over = false;

  constructor() {
    this.writable = new WritableStream({
      start: (controller) => {
        this.#controller = controller;
        // An abort waits for the pending write, which may wait for the consumer: release it.
        controller.signal.addEventListener("abort", () => {
          this.#over = true;
          this.#consumer?.relieve?.();
          this.#begun.resolve();
        }, { once: true });
      },
      write: (item) => this.#write(item),
      close: () => this.#close(),
      abort: (reason) => this.#run?.fail(reason),
    });
  }

  feed(run: Run<unknown, unknown>, consumer: Consumer<unknown> & Partial<Relief>): void {
    this.#run = run;
    this.#consumer = consumer;
    this.#begun.resolve(run.start());
  }

  cancel(reason: unknown): void {
    this.stop(reason);
  }

  stop(reason: unknown): void {
    this.#over = true;
    this.#controller.error(reason);
    this.#begun.resolve();
  }

  async #write(item: unknown): Promise<void> {
    await this.#begun.promise;
    if (!this.#over) await this.#consumer!.drained();
    if (!this.#over) await this.#run!.push(item);
  }

  async #close(): Promise<void> {
    await this.#begun.promise;
    if (!this.#over) await this.#run!.finish();
  }
}
