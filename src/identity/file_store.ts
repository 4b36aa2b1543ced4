/**
 * Users in a file.
 *
 * @module
 */
import { realpath } from "node:fs/promises";
import { FileLock } from "../files/file_lock.ts";
import { UserTable } from "./user_table.ts";
import type { StoredUser, User, UserStore } from "./users.ts";
import { formatUsers, parseUsers } from "./users_file.ts";
import { readWhole, versionOf, writeWhole } from "../files/atomic_file.ts";

/** A change that waits to be written. */
interface Change {
  apply(table: UserTable): void;
  /** It is durable, or changed nothing. */
  done(): void;
  failed(error: unknown): void;
}

/**
 * The users of one file, `users.json`, in memory: readable by people, and by several processes at a time.
 *
 * ```text
 * read:   the file's version is looked at; another process wrote it: load it again
 * change: lock -> load what others wrote -> apply all changes that wait -> write whole -> unlock
 * ```
 *
 * Changes that come while a write is under way are written together by the next one. A file that is damaged is an error
 * of every call, and never written.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FileUserStore } from "echopipe";
 * import { mkdtemp } from "node:fs/promises";
 *
 * await using store = await FileUserStore.open(`${await mkdtemp("/tmp/echopipe-")}/users.json`);
 * const user = { created: new Date().toISOString(), addresses: [], sessions: [] };
 * assert.equal((await store.create({ name: "anna", ...user }))?.user.name, "anna");
 * assert.equal(await store.create({ name: "Anna", ...user }), undefined);
 * ```
 */
export class FileUserStore implements UserStore {
  readonly #path: string;
  readonly #most: number | undefined;
  readonly #lock: FileLock;
  #table = new UserTable();
  #version: string | undefined;
  #loading: Promise<void> | undefined;
  #changes: Change[] = [];
  #writing: Promise<void> | undefined;

  private constructor(path: string, most?: number) {
    this.#path = path;
    this.#most = most;
    this.#table = new UserTable([], 0, most);
    this.#lock = new FileLock(`${path}.lock`);
  }

  /**
   * Opens a file of users; it need not exist yet. `most` limits how many are added, default 10,000.
   *
   * @throws {EchopipeError} `damaged` if it is not such a file, saying where; `permission`, `io`, `too-large`
   */
  static async open(path: string, most?: number): Promise<FileUserStore> {
    // The file itself rather than a link to it, which a rename would replace.
    const store = new FileUserStore(await realpath(path).catch(() => path), most);
    await store.#refresh();
    return store;
  }

  async get(name: string): Promise<StoredUser | undefined> {
    await this.#refresh();
    return this.#table.get(name);
  }

  async findByAddress(address: string): Promise<StoredUser | undefined> {
    await this.#refresh();
    return this.#table.findByAddress(address);
  }

  async findBySession(digest: string): Promise<StoredUser | undefined> {
    await this.#refresh();
    return this.#table.findBySession(digest);
  }

  async list(): Promise<StoredUser[]> {
    await this.#refresh();
    return this.#table.list();
  }

  create(user: User): Promise<StoredUser | undefined> {
    return this.#change((table) => table.create(user));
  }

  update(user: User, revision: number): Promise<StoredUser | undefined> {
    return this.#change((table) => table.update(user, revision));
  }

  remove(name: string): Promise<boolean> {
    return this.#change((table) => table.remove(name));
  }

  /** Waits for the changes under way, and releases the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#lock.close();
  }

  /** Loads the file if it is another than the one in memory. */
  #refresh(): Promise<void> {
    return this.#loading ??= this.#load();
  }

  async #load(): Promise<void> {
    try {
      const version = await versionOf(this.#path);
      if (version === this.#version) return;
      const text = await readWhole(this.#path);
      this.#table = text === undefined ? new UserTable([], 0, this.#most) : parseUsers(text, this.#path, this.#most);
      this.#version = version; // older than what was read, if it changed meanwhile: then it is loaded once more
    } finally {
      this.#loading = undefined;
    }
  }

  #change<T>(change: (table: UserTable) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let result: T;
    this.#changes.push({
      apply: (table) => result = change(table),
      done: () => resolve(result),
      failed: reject,
    });
    this.#writing ??= this.#writeAll();
    return promise;
  }

  /** Writes the changes that wait, and those that come meanwhile. Never rejects: each change hears of its own fate. */
  async #writeAll(): Promise<void> {
    while (this.#changes.length > 0) {
      let batch: Change[] = [];
      try {
        await this.#lock.hold(async () => {
          await this.#loading; // what a reader loads may be older than the lock
          await this.#refresh();
          batch = this.#changes;
          this.#changes = [];
          await this.#write(batch);
        });
        for (const change of batch) change.done();
      } catch (error) {
        if (batch.length === 0) batch = this.#changes.splice(0);
        for (const change of batch) change.failed(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(batch: Change[]): Promise<void> {
    const table = this.#table;
    const { revision } = table;
    for (const change of batch) {
      try {
        change.apply(table);
      } catch (error) {
        change.failed(error); // its promise is settled: done has no effect any more
      }
    }
    if (table.revision === revision) return;
    try {
      await writeWhole(this.#path, formatUsers(table));
      this.#version = await versionOf(this.#path);
      this.#table = table;
    } catch (error) {
      this.#version = "unknown"; // memory is ahead of the file: the next call loads it
      throw error;
    }
  }
}
