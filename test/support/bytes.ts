/**
 * A scripted byte source and sink.
 *
 * @module
 */
import type { ByteSink, ByteSource } from "../../src/transport/byte_streams.ts";

/** A source that plays reads, then ends, fails or stays silent. */
export class ScriptedSource implements ByteSource {
  /** How many reads were taken. */
  taken = 0;
  /** What it was aborted with. */
  aborted: { reason: unknown } | undefined;
  readonly #reads: readonly Uint8Array[];
  readonly #end: "end" | "silence" | Error;

  constructor(reads: readonly Uint8Array[], end: "end" | "silence" | Error = "end") {
    this.#reads = reads;
    this.#end = end;
  }

  read(): Promise<Uint8Array | null> {
    if (this.taken < this.#reads.length) return Promise.resolve(this.#reads[this.taken++]);
    if (this.#end === "end") return Promise.resolve(null);
    if (this.#end instanceof Error) return Promise.reject(this.#end);
    return new Promise(() => {});
  }

  release(): void {}

  abort(reason?: unknown): void {
    this.aborted ??= { reason };
  }
}

/** A sink that keeps what it is given; each write waits for `gate`, and fails after so many. */
export class ScriptedSink implements ByteSink {
  readonly written: Uint8Array[] = [];
  ended = 0;
  aborted: { reason: unknown } | undefined;
  /** What writes wait for. */
  gate: Promise<void> | undefined;
  readonly #failsAt: number;

  constructor(failsAt = Infinity) {
    this.#failsAt = failsAt;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.written.length >= this.#failsAt) throw new Error("sink");
    this.written.push(bytes.slice());
    await this.gate;
  }

  endWrite(): Promise<void> {
    this.ended++;
    return Promise.resolve();
  }

  abort(reason?: unknown): void {
    this.aborted ??= { reason };
  }
}
