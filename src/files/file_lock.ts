/**
 * One holder at a time, among all processes of a machine.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { EchopipeError, messageOf } from "../errors.ts";

/** Timeout for the lock, in milliseconds. */
const WAIT_MS = 10_000;
/** The pause between two tries, in milliseconds: it grows from the one to the other. */
const PAUSE_MS = { min: 2, max: 50 };

/**
 * A lock that the system gives up when its holder dies, by whatever signal, so that none is ever stale: the lock that
 * SQLite takes on an empty database beside the file (fcntl(2) advisory locks). Neither a file that exists nor the process
 * id in one could be told from that of a holder that was killed, without a right to look at other processes.
 */
export class FileLock {
  readonly #path: string;
  readonly #wait: number;
  #database: DatabaseSync | undefined;
  /** The holders of this process wait for each other here. */
  #last: Promise<unknown> = Promise.resolve();

  /** A lock at `path`, which is made when it is first held; waits for it at most `wait` milliseconds (default 10,000). */
  constructor(path: string, wait: number = WAIT_MS) {
    this.#path = path;
    this.#wait = wait;
  }

  /**
   * Does work while nobody else holds the lock.
   *
   * @throws {EchopipeError} `timed-out` if others hold it for too long, `io` where there can be no lock, and what `work`
   * throws
   */
  hold<T>(work: () => Promise<T>): Promise<T> {
    const held = this.#last.then(async () => {
      const database = await this.#acquire();
      try {
        return await work();
      } finally {
        database.exec("ROLLBACK");
      }
    });
    this.#last = held.catch(() => {});
    return held;
  }

  /** Releases what the lock needs, after the last holder is done. */
  async close(): Promise<void> {
    await this.#last;
    this.#database?.close();
    this.#database = undefined;
  }

  async #acquire(): Promise<DatabaseSync> {
    const sqlite = await import("node:sqlite"); // only when needed: some versions of Node warn about it
    const until = performance.now() + this.#wait;
    for (let pause = PAUSE_MS.min;; pause = Math.min(pause * 2, PAUSE_MS.max)) {
      try {
        this.#database ??= new sqlite.DatabaseSync(this.#path);
        this.#database.exec("BEGIN EXCLUSIVE");
        return this.#database;
      } catch (cause) {
        const attempt = `Cannot lock "${this.#path}"`;
        if (!/locked|busy/i.test(messageOf(cause))) {
          throw new EchopipeError("io", `${attempt}: ${messageOf(cause)}`, { cause });
        }
        if (performance.now() > until) {
          throw new EchopipeError("timed-out", `${attempt}: another process holds it for ${this.#wait} ms`, { cause });
        }
      }
      await new Promise((resume) => setTimeout(resume, pause * (0.5 + Math.random())));
    }
  }
}
