/**
 * A scripted byte source and sink.
 *
 * @module
 */
import { type ByteListener, type ByteSink, type ByteSource, type Subscription, taken } from "../../src/pipe/bytes.ts";

/** A source that plays reads, then ends, fails or stays silent. */
export class ScriptedSource implements ByteSource {
  /** How many reads were taken. */
  taken = 0;
  /** What it was aborted with. */
  aborted: { reason: unknown } | undefined;
  protected readonly reads: readonly Uint8Array[];
  protected readonly end: "end" | "silence" | Error;

  constructor(reads: readonly Uint8Array[], end: "end" | "silence" | Error = "end") {
    this.reads = reads;
    this.end = end;
  }

  read(): Promise<Uint8Array | null> {
    if (this.taken < this.reads.length) return Promise.resolve(this.reads[this.taken++]);
    if (this.end === "end") return Promise.resolve(null);
    if (this.end instanceof Error) return Promise.reject(this.end);
    return new Promise(() => {});
  }

  release(): void {}

  abort(reason?: unknown): void {
    this.aborted ??= { reason };
  }
}

/** The same, but it gives its reads of itself: all at once, as far as it may. */
export class ScriptedFeed extends ScriptedSource {
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

/** A sink that keeps what it is given; each write waits for `gate`, and fails after so many. */
export class ScriptedSink implements ByteSink {
  readonly written: Uint8Array[] = [];
  ended = 0;
  aborted: { reason: unknown } | undefined;
  /** What writes wait for. */
  gate: Promise<void> | undefined;
  /** What a write returns that waits for nothing. */
  readonly done: Promise<void> = Promise.resolve();
  readonly #failsAt: number;

  constructor(failsAt = Infinity) {
    this.#failsAt = failsAt;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.written.length >= this.#failsAt) return Promise.reject(new Error("sink"));
    this.written.push(bytes.slice());
    return this.gate ?? this.done;
  }

  endWrite(): Promise<void> {
    this.ended++;
    return Promise.resolve();
  }

  abort(reason?: unknown): void {
    this.aborted ??= { reason };
  }
}

/** The same, but it tells who writes that there is nothing to wait for. */
export class PromptSink extends ScriptedSink {
  override readonly done = taken;
}
