/**
 * One holder at a time, among all processes of a machine.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { lstat, open } from "node:fs/promises";
import { EchopipeError, messageOf } from "../errors.ts";
import { fileError } from "./file_error.ts";
import { isMissing } from "./folder.ts";
import { inherit } from "./owner.ts";

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
  readonly #guarded: string;
  readonly #path: string;
  readonly #wait: number;
  #database: DatabaseSync | undefined;
  /** The holders of this process wait for each other here. */
  #last: Promise<unknown> = Promise.resolve();

  /** The lock of a file: `PATH.lock`, made when it is first held. `wait`: its timeout in milliseconds, default 10,000. */
  constructor(path: string, wait: number = WAIT_MS) {
    this.#guarded = path;
    this.#path = `${path}.lock`;
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
    const attempt = `Cannot lock "${this.#path}"`;
    if (this.#database === undefined) await this.#makeFile(attempt);
    const sqlite = await import("node:sqlite"); // only when needed: some versions of Node warn about it
    const until = performance.now() + this.#wait;
    for (let pause = PAUSE_MS.min;; pause = Math.min(pause * 2, PAUSE_MS.max)) {
      try {
        this.#database ??= new sqlite.DatabaseSync(this.#path);
        this.#database.exec("BEGIN EXCLUSIVE");
        return this.#database;
      } catch (cause) {
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

  /** Makes the lock's file, and follows no link: it may lead to somebody else's file. */
  async #makeFile(attempt: string): Promise<void> {
    try {
      const found = await lstat(this.#path).catch((error) => {
        if (!isMissing(error)) throw error;
      });
      if (found === undefined) {
        const file = await open(this.#path, "wx", 0o600);
        await inherit(file, this.#guarded).finally(() => file.close());
      } else if (!found.isFile()) {
        throw new EchopipeError("io", `${attempt}: it is a link or a folder; expected a file`);
      }
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") throw fileError(attempt, error); // else another was faster
    }
  }
}
