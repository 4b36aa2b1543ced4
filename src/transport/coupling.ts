/**
 * A stage between a byte source and a byte sink, with nothing between.
 *
 * @module
 */
import { flushBroken, flushLast, handled } from "../stage/ended.ts";
import type { Output, Stage } from "../stage/stage.ts";
import type { ByteSink, ByteSource } from "./byte_streams.ts";
import { gather } from "./gather.ts";

/** While draining: nothing more has come if nothing came for this long, in milliseconds. */
const QUIET_MS = 60;
/** While draining: a source that goes on sending is left after this long, in milliseconds. */
const DRAIN_MOST_MS = 1500;

/** How a stage is coupled. */
export interface CoupleOptions {
  /**
   * The stages keep no view of what they are given beyond their `push`, as none of this library's do: the memory of a
   * read is used again for the next. Default false.
   */
  readonly reuse?: boolean;
}

/**
 * One run of a stage between a source and a sink: what a read brings passes the stage in one call, and leaves in one
 * write. The next read begins when the write is done, which is backpressure from the one end to the other.
 *
 * ```text
 * reading --bytes--> at work (stage, write) --written--> reading
 *    |                  |
 *   end, drain()       the stage ended the stream
 *    +--------+---------+
 *             v
 *          ending (stage.end, write, endWrite) --> done
 * ```
 */
export class Coupling implements Output<Uint8Array> {
  readonly #source: ByteSource;
  readonly #stage: Stage<Uint8Array, Uint8Array>;
  readonly #sink: ByteSink;
  readonly #reuse: boolean;
  /** What the stage made and is not yet written. */
  #made: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  /** The write of what the read at hand brought, where that is all there is to write. */
  #direct: Promise<void> | undefined;
  /** What the run waits for while the stage is at work; a write that fails meanwhile ends the wait. */
  #waiting: PromiseWithResolvers<void> | undefined;
  #reading = false;
  #reads = 0;
  #stopping = false;
  #ending = false;
  #ended = false;
  #stageThrew = false;
  readonly #outcome = Promise.withResolvers<void>();

  /** Couples a stage that no other stream uses. Throws `in-use` if one does. */
  constructor(
    source: ByteSource,
    stage: Stage<Uint8Array, Uint8Array>,
    sink: ByteSink,
    { reuse = false }: CoupleOptions = {},
  ) {
    this.#source = source;
    this.#stage = stage.claim();
    this.#sink = sink;
    this.#reuse = reuse;
  }

  /** An item from the stage. */
  push(bytes: Uint8Array): void {
    if (!this.#ended) this.#made.push(bytes);
  }

  /** Writes what the stage made so far. */
  flush(): void | Promise<void> {
    if (this.#made.length === 0) return this.#writing ?? this.#direct;
    if (this.#writing !== undefined) return this.#writing; // which takes these with it
    // One write at a time: what came of no read goes behind what came of one.
    const before = this.#direct;
    return this.#writing = handled(before === undefined ? this.#writeAll() : before.then(() => this.#writeAll()));
  }

  /** The stage ends the stream: at once, even where it ends it of itself while the source is silent. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    flushLast(this.#stage, this);
    this.#ended = true;
    if (!this.#reading || this.#stopping) return;
    this.#stopping = true;
    this.#finish().then(this.#outcome.resolve, this.#outcome.reject);
  }

  /** Runs until the source or the stage ends and all is written; then ends the sink. Rejects with the first failure. */
  run(): Promise<void> {
    this.#loop().then(this.#outcome.resolve, this.#outcome.reject);
    return this.#outcome.promise;
  }

  /**
   * Takes the source for ended as soon as nothing more has come for a moment, or after 1.5 s if it goes on and on: what
   * was received still passes. Resolves as {@linkcode Coupling.run} does, but never rejects.
   */
  async drain(): Promise<void> {
    const most = Date.now() + DRAIN_MOST_MS;
    let done = false;
    const over = this.#outcome.promise.catch(() => {}).then(() => done = true);
    for (let reads = -1; !done && !this.#stopping;) {
      if (this.#reading && (this.#reads === reads || Date.now() > most)) {
        this.#stopping = true;
        this.#finish().then(this.#outcome.resolve, this.#outcome.reject);
      } else if (Date.now() > most) {
        this.#stopping = true; // the loop ends after what it is at
      } else {
        reads = this.#reads;
        await Promise.race([over, new Promise((resume) => setTimeout(resume, QUIET_MS))]);
      }
    }
    await over;
  }

  async #loop(): Promise<void> {
    try {
      if (this.#stage.start !== undefined) {
        await this.#call(() => this.#stage.start!(this));
        if (!this.#ended) await this.#call(() => this.#stage.flush?.(this));
        await this.flush();
      }
      while (!this.#ended && !this.#stopping) {
        this.#reading = true;
        const bytes = await this.#source.read();
        this.#reading = false;
        if (this.#stopping) return await this.#outcome.promise;
        if (bytes === null) break;
        this.#reads++;
        const working = this.#work(bytes);
        if (working !== undefined) await working;
        if (this.#made.length === 1 && this.#writing === undefined) {
          // The rule: what a read brought leaves in one write, with no promise but the sink's own.
          const made = this.#made[0];
          this.#made.length = 0;
          await (this.#direct = this.#sink.write(made));
          this.#direct = undefined;
        }
        const written = this.flush();
        if (written !== undefined) await written;
        if (this.#reuse) this.#source.release();
      }
      await this.#finish();
    } catch (error) {
      // A read that was left behind by a drain fails when the connection is closed: nobody waits for it.
      if (this.#stopping && this.#reading) return await this.#outcome.promise;
      if (this.#stageThrew) await this.#deliver();
      else await this.#stage.cancel?.(error);
      throw error;
    }
  }

  /** Has the stage take what a read brought, and send on what it made of it. */
  #work(bytes: Uint8Array): void | Promise<void> {
    const stage = this.#stage;
    let pending;
    try {
      pending = stage.push(bytes, this);
      if (pending === undefined) {
        if (this.#ended || stage.flush === undefined) return;
        pending = stage.flush(this);
        if (pending === undefined) return;
        return this.#guard(pending);
      }
    } catch (error) {
      this.#stageThrew = true;
      throw error;
    }
    return this.#guard(pending).then(() => this.#ended ? undefined : this.#call(() => stage.flush?.(this)));
  }

  async #finish(): Promise<void> {
    if (!this.#ended) await this.#call(() => this.#stage.end?.(this));
    await this.flush();
    await this.#sink.endWrite();
  }

  /** Calls the stage, and remembers whether it threw: such a stage must not be cancelled too. */
  #call(work: () => void | Promise<void>): void | Promise<void> {
    try {
      const pending = work();
      return pending && this.#guard(pending);
    } catch (error) {
      this.#stageThrew = true;
      throw error;
    }
  }

  /** Waits for the stage, unless a write fails meanwhile. */
  #guard(pending: Promise<void>): Promise<void> {
    const waiting = this.#waiting = Promise.withResolvers<void>();
    pending.then(waiting.resolve, (error) => {
      this.#stageThrew = true;
      waiting.reject(error);
    });
    return waiting.promise;
  }

  /** What a stage made before it threw still reaches the peer. */
  async #deliver(): Promise<void> {
    if (!this.#ended) flushBroken(this.#stage, this);
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
