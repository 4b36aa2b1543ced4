/**
 * A stage between a byte source and a byte sink, with nothing between.
 *
 * @module
 */
import { flushBroken, flushLast } from "../stage/ended.ts";
import type { Output, Stage } from "../stage/stage.ts";
import type { ByteSink, ByteSource, Feed } from "./byte_streams.ts";
import { WriteQueue } from "./write_queue.ts";
import { StageCalls } from "./stage_calls.ts";

/** While draining: nothing more has come if nothing came for this long, in milliseconds. */
const QUIET_MS = 60;
/** Looked at in so many steps: the event loop may be longer at one of its turns than that. */
const QUIET_STEPS = 6;
/** While draining: a source that goes on sending is left after this long, in milliseconds. */
const MAX_DRAIN_MS = 1500;

/** Reads of all couplings of this thread. */
let readsOfAll = 0;

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
  readonly #calls = new StageCalls();
  readonly #out: WriteQueue;
  readonly #reuse: boolean;
  /** Where the source gives what comes of itself. */
  #feed: Feed | undefined;
  /** Waits for the source. */
  #reading = false;
  #reads = 0;
  #stopping = false;
  #ending = false;
  #ended = false;
  /** `stage.end` was called, and is done: it must not be cancelled too. */
  #complete = false;
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
    this.#out = new WriteQueue(sink, this.#calls);
    this.#reuse = reuse;
  }

  /** An item from the stage. */
  push(bytes: Uint8Array): void {
    if (!this.#ended) this.#out.push(bytes);
  }

  /** Writes what the stage made so far. */
  flush(): void | Promise<void> {
    return this.#out.flush();
  }

  /** The stage ends the stream: at once, even where it ends it of itself while the source is silent. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    flushLast(this.#stage, this);
    this.#ended = true;
    this.#feed?.leave();
    if (!this.#reading || this.#stopping) return;
    this.#stopping = true;
    this.#finish().then(this.#outcome.resolve, this.#outcome.reject);
  }

  /** Runs until the source or the stage ends and all is written; then ends the sink. Rejects with the first failure. */
  run(): Promise<void> {
    void this.#loop();
    return this.#outcome.promise;
  }

  /**
   * Takes the source for ended as soon as nothing more has come for a moment, or after 1.5 s if it goes on and on: what
   * was received still passes. `together`: all couplings of this thread are drained, and nothing more has come as soon as
   * none of them has read anything; else what came here might still wait to be read while others are. Resolves as
   * {@linkcode Coupling.run} does, but never rejects.
   */
  async drain(together = false): Promise<void> {
    const most = performance.now() + MAX_DRAIN_MS;
    let done = false;
    const over = this.#outcome.promise.catch(() => {}).then(() => done = true);
    for (let reads = -1; !done && !this.#stopping;) {
      if (this.#reading && ((together ? readsOfAll : this.#reads) === reads || performance.now() > most)) {
        this.#stop();
        this.#finish().then(this.#outcome.resolve, this.#outcome.reject);
      } else if (performance.now() > most) {
        this.#stop(); // the loop ends after what it is at
      } else {
        reads = together ? readsOfAll : this.#reads;
        for (let i = 0; i < QUIET_STEPS && !done; i++) {
          await Promise.race([over, new Promise((resume) => setTimeout(resume, QUIET_MS / QUIET_STEPS))]);
        }
      }
    }
    await over;
  }

  /** Wants nothing more of the source. */
  #stop(): void {
    this.#stopping = true;
    this.#feed?.leave();
  }

  async #loop(): Promise<void> {
    try {
      if (this.#stage.start !== undefined) {
        await this.#calls.call(() => this.#stage.start!(this));
        if (!this.#ended) await this.#calls.call(() => this.#stage.flush?.(this));
        await this.flush();
      }
      const fed = this.#takeFeed();
      if (fed !== undefined) {
        if (!(await fed)) return;
      } else {
        while (!this.#ended && !this.#stopping) {
          this.#reading = true;
          const bytes = await this.#source.read();
          this.#reading = false;
          if (this.#stopping) return;
          if (bytes === null) break;
          this.#reads++;
          readsOfAll++;
          const pending = this.#pass(bytes);
          if (pending !== undefined) await pending;
          const behind = this.#out.sent();
          if (behind !== undefined) await behind;
          if (this.#reuse) this.#source.release();
        }
      }
      await this.#finish();
      this.#outcome.resolve();
    } catch (error) {
      // A read that was left behind by a drain fails when the connection is closed: nobody waits for it.
      if (this.#stopping && this.#reading) return;
      this.#reading = false;
      this.#tearDown(error).then(() => this.#outcome.reject(error), this.#outcome.reject);
    }
  }

  /** Tells the stage, unless the failure is its own. */
  async #tearDown(reason: unknown): Promise<void> {
    if (this.#calls.threw) await this.#deliver();
    else if (!this.#complete) await this.#stage.cancel?.(reason);
  }

  /**
   * What the loop does, where the source gives what comes of itself: with no promise for a read, and none for most
   * writes. Resolves when it is over; true: the loop is to finish the run, false: what ended it does.
   */
  #takeFeed(): Promise<boolean> | undefined {
    const { feed } = this.#source;
    if (feed === undefined || this.#ended || this.#stopping) return;
    const over = Promise.withResolvers<boolean>();
    const done = () => {
      if (this.#reuse) this.#source.release();
      if (this.#ended || this.#stopping) over.resolve(true);
      else this.#reading = true;
    };
    const written = (): void | Promise<void> => {
      const behind = this.#out.sent();
      return behind === undefined ? done() : behind.then(done);
    };
    this.#reading = true;
    this.#feed = feed.call(this.#source, (bytes) => {
      this.#reading = false;
      this.#reads++;
      readsOfAll++;
      const pending = this.#pass(bytes);
      return pending === undefined ? written() : pending.then(written);
    });
    this.#feed.over.then(() => {
      if (!this.#stopping) this.#reading = false;
      over.resolve(!this.#stopping);
    }, over.reject);
    return over.promise;
  }

  /** Has the stage take what a read brought, and writes what it made of it. */
  #pass(bytes: Uint8Array): void | Promise<void> {
    const working = this.#work(bytes);
    return working === undefined ? this.#out.send() : working.then(() => this.#out.send());
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
        return this.#calls.guard(pending);
      }
    } catch (error) {
      this.#calls.threw = true;
      throw error;
    }
    return this.#calls.guard(pending).then(() => this.#ended ? undefined : this.#calls.call(() => stage.flush?.(this)));
  }

  async #finish(): Promise<void> {
    if (!this.#ended) await this.#calls.call(() => this.#stage.end?.(this));
    this.#complete = true;
    await this.#out.end();
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
}
