/**
 * A bucket of NATS, followed.
 *
 * @module
 */
import type { KV, KvEntry } from "@nats-io/kv";
import { EchopipeError, messageOf } from "../errors.ts";
import { type Nats, RETRY_MS } from "./nats.ts";

/** Time for a bucket to be read whole, in milliseconds. */
const LOAD_MS = 10_000;

/** Takes what a bucket holds. */
export interface BucketReader {
  /** Called with everything that the bucket holds, each time that it is read anew: what was known before is void. */
  load(entries: readonly KvEntry[]): void;
  /** Called with each later write. */
  read(entry: KvEntry): void;
}

/**
 * Follows a bucket. While the connection to NATS is lost nothing is known for certain, and
 * {@linkcode BucketWatch.check} throws; then the bucket is read anew.
 */
export class BucketWatch implements AsyncDisposable {
  readonly #nats: Nats;
  readonly #name: string;
  readonly #reader: BucketReader;
  #bucket: KV | undefined;
  #current = false;
  /** Number of restarts: what was begun before the last is void. */
  #restarts = 0;
  #closed = false;
  #reason = "it is being read";
  #stop: () => void = () => {};
  readonly #loaded = Promise.withResolvers<void>();
  #following: Promise<void> = Promise.resolve();
  readonly #unfollow: () => void;

  private constructor(nats: Nats, name: string, reader: BucketReader) {
    this.#nats = nats;
    this.#name = name;
    this.#reader = reader;
    this.#unfollow = nats.onChange(() => this.restart());
  }

  /** Opens a bucket, and reads it. Rejects with `timed-out` or `io` where NATS does not answer. */
  static async open(nats: Nats, name: string, reader: BucketReader): Promise<BucketWatch> {
    const watch = new BucketWatch(nats, name, reader);
    watch.#following = watch.#follow();
    try {
      await watch.#loaded.promise;
    } catch (error) {
      await watch[Symbol.asyncDispose]();
      throw error;
    }
    return watch;
  }

  /** The bucket, to be written to. */
  get bucket(): KV {
    return this.#bucket!;
  }

  /** Throws `io` while what was read may be out of date. */
  check(): void {
    if (this.#current) return;
    throw new EchopipeError("io", `Cannot use the bucket ${this.#name}: NATS cannot be reached (${this.#reason})`);
  }

  /** Reads the bucket anew. */
  restart(): void {
    this.#current = false;
    this.#restarts++;
    this.#stop();
  }

  /** Ends the watch. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#unfollow();
    this.restart();
    await this.#following;
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#once();
        this.#reason = "the connection was lost";
      } catch (error) {
        this.#reason = messageOf(error);
        this.#loaded.reject(error);
      }
      this.#current = false;
      if (!this.#closed) await new Promise((resume) => setTimeout(resume, RETRY_MS));
    }
  }

  /** Reads the bucket, and follows it until the watch is stopped or fails. */
  async #once(): Promise<void> {
    const restarts = this.#restarts;
    const { bucket, watch, values } = await this.#nats.call(`read the bucket ${this.#name}`, async () => {
      const bucket = await this.#nats.bucket(this.#name);
      const { values } = await bucket.status();
      return { bucket, values, watch: await bucket.watch() };
    });
    this.#stop = () => watch.stop();
    if (restarts !== this.#restarts) watch.stop();
    const entries: KvEntry[] = [];
    const load = () => {
      this.#bucket = bucket;
      this.#reader.load(entries.splice(0));
      this.#current = true;
      this.#loaded.resolve();
    };
    let late = false;
    const timer = setTimeout(() => {
      late = !this.#current;
      if (late) watch.stop();
    }, LOAD_MS);
    try {
      if (values === 0 && restarts === this.#restarts) load();
      for await (const entry of watch) {
        if (this.#current) this.#reader.read(entry);
        else entries.push(entry);
        if (!this.#current && entry.delta === 0 && restarts === this.#restarts) load();
      }
    } finally {
      clearTimeout(timer);
    }
    if (late) throw new EchopipeError("timed-out", `Cannot read the bucket ${this.#name}: it took over ${LOAD_MS} ms`);
  }
}
