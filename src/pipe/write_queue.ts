/**
 * What a stage made, on its way to a sink: one write at a time, in order.
 *
 * @module
 */
import { handled } from "../stage/ended.ts";
import { type ByteSink, taken } from "./byte_streams.ts";
import { gather } from "./join_small.ts";
import type { StageCalls } from "./stage_calls.ts";

/** The writing end of a coupling. */
export class WriteQueue {
  readonly #sink: ByteSink;
  readonly #calls: StageCalls;
  /** Made, and not yet written. */
  #made: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  /** The write of what the read at hand brought, where that is all there is to write. */
  #direct: Promise<void> | undefined;

  /** Writes to `sink`; whoever waits for a stage in `calls` hears of a write that failed. */
  constructor(sink: ByteSink, calls: StageCalls) {
    this.#sink = sink;
    this.#calls = calls;
  }

  /** Is written with the next {@linkcode WriteQueue.flush} or {@linkcode WriteQueue.send}. */
  push(bytes: Uint8Array): void {
    this.#made.push(bytes);
  }

  /** Writes what was made so far; a promise until the sink wants more. */
  flush(): void | Promise<void> {
    if (this.#made.length === 0) return this.#writing ?? this.#direct;
    if (this.#writing !== undefined) return this.#writing; // which takes these with it
    // One write at a time: what came of no read goes behind what came of one.
    const before = this.#direct;
    return this.#writing = handled(before === undefined ? this.#writeAll() : before.then(() => this.#writeAll()));
  }

  /** The rule: what a read brought leaves in one write, with no promise but the sink's own. */
  send(): void | Promise<void> {
    if (this.#made.length !== 1 || this.#writing !== undefined) return this.flush();
    const written = this.#sink.write(this.#made.pop()!);
    if (written !== taken) return this.#direct = written;
  }

  /** What {@linkcode WriteQueue.send} gave has come true; what was made meanwhile follows. */
  sent(): void | Promise<void> {
    this.#direct = undefined;
    return this.flush();
  }

  /** Writes what is left, then ends the sink. */
  async end(): Promise<void> {
    await this.flush();
    await this.#sink.endWrite();
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#made.length > 0) {
        const made = this.#made;
        this.#made = [];
        for (const bytes of gather(made)) await this.#sink.write(bytes);
      }
    } catch (error) {
      this.#calls.giveUp(error);
      throw error;
    } finally {
      this.#writing = undefined;
    }
  }
}
