/**
 * Items on their way to the peer.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { ByteSink } from "../pipe/bytes.ts";
import { joinSmall } from "../pipe/join_small.ts";
import { type Failure, handled } from "../stage/contract.ts";
import type { Encoding } from "./encoding.ts";

/** Number of items that an encoder may hold back, until their bytes are counted. */
const MAX_HELD = 4096;
/** The largest write that is made by copying, in bytes: each takes a turn of the event loop. */
const MAX_JOINED = 256 * 1024;

/**
 * Sends items: those of one turn of the event loop leave in one write, and those that are sent during a write in the
 * next one.
 */
export class Outbox<O> {
  readonly #sink: ByteSink;
  readonly #encoding: Encoding<O>;
  readonly #maxPending: number;
  readonly #onFailure: (reason: unknown) => void;
  /** Encoded bytes that are not written yet, and their number with those of the write that is going on. */
  #pieces: Uint8Array[] = [];
  #pending = 0;
  /** Number of items since the encoder was flushed. */
  #held = 0;
  /** Settles when the items since the last write are written. */
  #batch: PromiseWithResolvers<void> | undefined;
  /** Resolves when the write that is going on and all later ones are done; never rejects. */
  #writing: Promise<void> | undefined;
  #failure: Failure | undefined;
  #ending: Promise<void> | undefined;

  /** Makes the outbox of a sink. It refuses items while more than `maxPending` bytes are pending. */
  constructor(sink: ByteSink, encoding: Encoding<O>, maxPending: number, onFailure: (reason: unknown) => void) {
    this.#onFailure = onFailure;
    this.#sink = sink;
    this.#encoding = encoding;
    this.#maxPending = maxPending;
  }

  /**
   * Encodes an item; the promise resolves when the system has accepted it. Throws at once what the encoder throws,
   * `busy` beyond the limit, `closed` after the end, and the failure of an earlier write.
   */
  send(item: O): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.reason;
    if (this.#ending !== undefined) {
      throw new EchopipeError("closed", "Cannot send an item: the sending direction was ended before");
    }
    if (this.#pending > this.#maxPending) throw this.#tooMuch();
    this.#encoding.push(item);
    if (++this.#held >= MAX_HELD) this.#collect(this.#encoding.take());
    this.#batch ??= this.#schedule();
    return this.#batch.promise;
  }

  /** Ends the sending direction after all items. */
  end(): Promise<void> {
    return this.#ending ??= this.#end();
  }

  async #end(): Promise<void> {
    if (this.#batch !== undefined) await this.#batch.promise.catch(() => {}); // reported to the sender
    await this.#writing;
    if (this.#failure === undefined) {
      for (const piece of this.#encoding.end()) await this.#sink.write(piece);
    }
    await this.#sink.endWrite();
  }

  #schedule(): PromiseWithResolvers<void> {
    const batch = Promise.withResolvers<void>();
    handled(batch.promise); // a failure is thrown by all that follows, too
    if (this.#writing === undefined) queueMicrotask(() => this.#writing ??= this.#writeAll());
    return batch;
  }

  #collect(pieces: Uint8Array[]): void {
    this.#held = 0;
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#pending += piece.length;
    }
  }

  async #writeAll(): Promise<void> {
    for (let batch; (batch = this.#batch) !== undefined;) {
      this.#batch = undefined;
      try {
        if (this.#failure !== undefined) throw this.#failure.reason;
        this.#collect(this.#encoding.take());
        const pieces = this.#pieces;
        this.#pieces = [];
        for (const bytes of pieces.length > 0 ? joinSmall(pieces, MAX_JOINED) : pieces) {
          await this.#sink.write(bytes);
          this.#pending -= bytes.length;
        }
        batch.resolve();
      } catch (reason) {
        this.#failure ??= { reason };
        this.#pieces = [];
        this.#pending = 0;
        batch.reject(reason);
        this.#onFailure(reason);
      }
    }
    this.#writing = undefined;
  }

  #tooMuch(): EchopipeError {
    return new EchopipeError(
      "busy",
      `Cannot send an item: ${this.#pending} bytes are pending; expected at most ${this.#maxPending}`,
      { received: this.#pending, limit: this.#maxPending },
    );
  }
}
