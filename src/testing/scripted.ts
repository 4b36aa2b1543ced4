/**
 * Sources and sinks of bytes that follow a script.
 *
 * @module
 */
import { type ByteListener, type ByteSink, type ByteSource, type Subscription, taken } from "../pipe/bytes.ts";

/** What follows the reads of a script: the end, nothing for ever, or a failure. */
export type ScriptedEnd = "end" | "silence" | Error;

/** A source that returns the given reads, then ends, fails or stays silent. */
export class ScriptedSource implements ByteSource {
  /** Number of reads so far. */
  taken = 0;
  /** The reason that it was aborted with. */
  aborted: { reason: unknown } | undefined;
  /** The reads. */
  protected readonly reads: readonly Uint8Array[];
  /** What follows them. */
  protected readonly end: ScriptedEnd;

  /** Makes a source of the reads. */
  constructor(reads: readonly Uint8Array[], end: ScriptedEnd = "end") {
    this.reads = reads;
    this.end = end;
  }

  /** Returns the next read. */
  read(): Promise<Uint8Array | null> {
    if (this.taken < this.reads.length) return Promise.resolve(this.reads[this.taken++]);
    if (this.end === "end") return Promise.resolve(null);
    if (this.end instanceof Error) return Promise.reject(this.end);
    return new Promise(() => {});
  }

  /** Does nothing: the memory of a read is not used again. */
  release(): void {}

  /** Notes the reason. */
  abort(reason?: unknown): void {
    this.aborted ??= { reason };
  }
}

/** The same, as a source of events: it passes on its reads as fast as its listener takes them. */
export class ScriptedFeed extends ScriptedSource {
  /** Passes the reads to a listener. */
  subscribe(listener: ByteListener): Subscription {
    const over = Promise.withResolvers<void>();
    let left = false;
    const give = () => {
      while (!left && this.taken < this.reads.length) {
        const pending = listener(this.reads[this.taken++]);
        if (pending !== undefined) return void pending.then(give).catch(over.reject);
      }
      if (!left && this.end === "end") over.resolve();
      if (!left && this.end instanceof Error) over.reject(this.end);
    };
    Promise.resolve().then(give).catch(over.reject);
    return { ended: over.promise, cancel: () => void (left = true) };
  }
}

/** A sink that keeps a copy of what is written to it. */
export class ScriptedSink implements ByteSink {
  /** The writes so far. */
  readonly written: Uint8Array[] = [];
  /** Number of calls of `endWrite`. */
  ended = 0;
  /** The reason that it was aborted with. */
  aborted: { reason: unknown } | undefined;
  /** Set: writes resolve with it. */
  gate: Promise<void> | undefined;
  /** The result of a write that does not wait. */
  protected readonly done: Promise<void> = Promise.resolve();
  readonly #failsAt: number;

  /** Makes a sink whose writes fail after so many. */
  constructor(failsAt: number = Infinity) {
    this.#failsAt = failsAt;
  }

  /** Keeps a copy of the bytes. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.written.length >= this.#failsAt) return Promise.reject(new Error("sink"));
    this.written.push(bytes.slice());
    return this.gate ?? this.done;
  }

  /** Counts the call. */
  endWrite(): Promise<void> {
    this.ended++;
    return Promise.resolve();
  }

  /** Notes the reason. */
  abort(reason?: unknown): void {
    this.aborted ??= { reason };
  }
}

/** The same, whose writes are done when they return: there is nothing to wait for. */
export class PromptSink extends ScriptedSink {
  /** The promise that says so. */
  protected override readonly done: Promise<void> = taken;
}
