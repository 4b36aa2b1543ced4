/**
 * Transforms of others among stages.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Failure, Output, Steps } from "./contract.ts";

/** A pair of streams, such as a `CompressionStream`: what `pipeThrough` takes. */
export interface StreamPair<I, O> {
  /** The output. */
  readonly readable: ReadableStream<O>;
  /** The input. */
  readonly writable: WritableStream<I>;
}

/**
 * Runs a pair of streams as a stage. Bytes are copied for it: streams may keep them longer than the memory of a read
 * lasts.
 */
export class ForeignSteps implements Steps<unknown, unknown> {
  readonly #reader: ReadableStreamDefaultReader<unknown>;
  readonly #writer: WritableStreamDefaultWriter<unknown>;
  /** Settles when all output was passed on; never rejects. */
  #reading: Promise<void> | undefined;
  #failure: Failure | undefined;
  #ending = false;

  /** Locks both streams. Throws `in-use` if one of them is locked already. */
  constructor({ readable, writable }: StreamPair<unknown, unknown>) {
    if (readable.locked || writable.locked) {
      throw new EchopipeError("in-use", "Cannot use a transform: its streams are locked; expected a new one");
    }
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    for (const { closed } of [this.#reader, this.#writer]) closed.catch(() => {}); // reads and writes report it
  }

  start(out: Output<unknown>): void {
    this.#reading = this.#read(out);
  }

  async push(item: unknown): Promise<void> {
    await this.#writer.write(item instanceof Uint8Array ? item.slice() : item);
    this.#check();
  }

  async end(): Promise<void> {
    this.#ending = true;
    await this.#writer.close();
    await this.#reading;
    this.#check();
  }

  async cancel(reason: unknown): Promise<void> {
    this.#ending = true;
    await Promise.allSettled([this.#writer.abort(reason), this.#reader.cancel(reason)]);
  }

  async #read(out: Output<unknown>): Promise<void> {
    try {
      for (let result; !(result = await this.#reader.read()).done;) {
        out.push(result.value);
        await out.flush();
      }
      if (!this.#ending) out.end(); // it has ended by itself
    } catch (reason) {
      this.#failure = { reason };
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}
