/**
 * Runs a connection through stages.
 *
 * @module
 */
import type { Output, Stage } from "../stage/stage.ts";
import { Connection } from "./connection.ts";

/** Pieces that do not follow each other are copied into one write up to this size, in bytes. */
const GATHER_MOST = 16 * 1024;

/** How a stream is coupled. */
export interface CoupleOptions {
  /**
   * The stages keep no view of what they are given beyond their `push`, as none of this library's do: the memory of a
   * read is used again for the next. Default false.
   */
  readonly reuse?: boolean;
}

/**
 * `readable.pipeThrough(stage).pipeTo(writable)`: the same bytes, backpressure, errors and end.
 *
 * Where both streams are those of a {@linkcode Connection}, no stream stands between the socket's read, the stage and
 * the socket's write: what a read brings passes the stage in one call, and leaves in one write.
 *
 * @example An echo server, whole
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, couple, echo, listen, pipeline, raw } from "echopipe";
 *
 * await using listener = await listen({}, (peer) => {
 *   const { decoder, encoder } = raw();
 *   return couple(peer.readable, pipeline(decoder, echo(), encoder), peer.writable);
 * });
 * await using connection = await connect({ port: listener.address.port });
 * const writer = connection.writable.getWriter();
 * await writer.write(new TextEncoder().encode("hello"));
 * await writer.close();
 * assert.deepEqual(await new Response(connection.readable).text(), "hello");
 * ```
 */
export async function couple(
  readable: ReadableStream<Uint8Array>,
  stage: Stage<Uint8Array, Uint8Array>,
  writable: WritableStream<Uint8Array>,
  { reuse = false }: CoupleOptions = {},
): Promise<void> {
  const source = Connection.of(readable);
  const sink = Connection.of(writable);
  if (source === undefined || sink === undefined) {
    await readable.pipeThrough(stage).pipeTo(writable);
    return;
  }
  // Locked, as a pipe locks them: nobody else reads or writes meanwhile.
  const reader = readable.getReader();
  const writer = writable.getWriter();
  reader.closed.catch(() => {});
  writer.closed.catch(() => {});
  const coupling = new Coupling(source, stage.claim(), sink, reuse);
  try {
    await coupling.run();
  } finally {
    reader.releaseLock();
    writer.releaseLock();
  }
}

/** One run of a stage between two connections, which are mostly one. */
class Coupling implements Output<Uint8Array> {
  readonly #source: Connection;
  readonly #stage: Stage<Uint8Array, Uint8Array>;
  readonly #sink: Connection;
  readonly #reuse: boolean;
  /** What the stage made and is not yet written. */
  #made: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #ended = false;
  #stageThrew = false;
  /** What the run waits for while the stage is at work; a write that fails meanwhile ends the wait. */
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(source: Connection, stage: Stage<Uint8Array, Uint8Array>, sink: Connection, reuse: boolean) {
    this.#source = source;
    this.#stage = stage;
    this.#sink = sink;
    this.#reuse = reuse;
  }

  push(bytes: Uint8Array): void {
    if (!this.#ended) this.#made.push(bytes);
  }

  flush(): void | Promise<void> {
    if (this.#made.length === 0) return this.#writing;
    return this.#writing ??= this.#writeAll();
  }

  end(): void {
    this.#ended = true;
  }

  async run(): Promise<void> {
    try {
      while (!this.#ended) {
        const bytes = await this.#source.read();
        if (bytes === null) break;
        const pending = this.#call(() => this.#stage.push(bytes, this));
        if (pending !== undefined) await pending;
        if (!this.#ended && this.#stage.flush !== undefined) this.#call(() => this.#stage.flush!(this));
        const written = this.flush();
        if (written !== undefined) await written;
        if (this.#reuse) this.#source.release();
      }
      if (!this.#ended) await this.#call(() => this.#stage.end?.(this));
      await this.flush();
      await this.#sink.endWrite();
    } catch (error) {
      if (this.#stageThrew) await this.#deliver();
      else await this.#stage.cancel?.(error);
      throw error;
    }
  }

  /** Calls the stage, and remembers whether it threw: such a stage must not be cancelled too. */
  #call(work: () => void | Promise<void>): void | Promise<void> {
    try {
      const pending = work();
      if (pending === undefined) return;
      const waiting = this.#waiting = Promise.withResolvers<void>();
      pending.then(waiting.resolve, (error) => {
        this.#stageThrew = true;
        waiting.reject(error);
      });
      return waiting.promise;
    } catch (error) {
      this.#stageThrew = true;
      throw error;
    }
  }

  /** What a stage made before it threw still reaches the peer. */
  async #deliver(): Promise<void> {
    try {
      await this.flush();
    } catch {
      // The stage's own error is the one to report.
    }
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#made.length > 0) {
        const made = this.#made;
        this.#made = [];
        for (const bytes of gather(made)) await this.#sink.write(bytes);
      }
    } catch (error) {
      this.#waiting?.reject(error);
      throw error;
    } finally {
      this.#writing = undefined;
    }
  }
}

/** Joins small pieces by copying, so that many answers are one write; large ones stay as they are. */
function gather(pieces: Uint8Array[]): Uint8Array[] {
  if (pieces.length === 1) return pieces;
  const gathered: Uint8Array[] = [];
  for (let from = 0; from < pieces.length;) {
    let to = from;
    let total = 0;
    while (to < pieces.length && total + pieces[to].length <= GATHER_MOST) total += pieces[to++].length;
    if (to - from < 2) {
      gathered.push(pieces[from++]);
      continue;
    }
    const joined = new Uint8Array(total);
    for (let at = 0; from < to; at += pieces[from++].length) joined.set(pieces[from], at);
    gathered.push(joined);
  }
  return gathered;
}
