/**
 * Users in a file.
 *
 * @module
 */
import { realpath } from "node:fs/promises";
import { readWhole, versionOf, writeWhole } from "../files/atomic_file.ts";
import { FileLock } from "../files/file_lock.ts";
import { ChangeQueue } from "./change_queue.ts";
import { UserTable } from "./user_table.ts";
import type { StoredUser, User, UserStore } from "./users.ts";
import { formatUsers, parseUsers } from "./users_file.ts";

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
  readonly #limit: number | undefined;
  readonly #lock: FileLock;
  #table = new UserTable();
  #version: string | undefined;
  #loading: Promise<void> | undefined;
  readonly #changes = new ChangeQueue<UserTable>((apply) => this.#write(apply));

  private constructor(path: string, limit?: number) {
    this.#path = path;
    this.#limit = limit;
    this.#table = new UserTable([], 0, limit);
    this.#lock = new FileLock(path);
  }

  /**
   * Opens a file of users; it need not exist yet. no user is added beyond `limit`, default 10,000.
   *
   * @throws {EchopipeError} `damaged` if it is not such a file, saying where; `permission`, `io`, `too-large`
   */
  static async open(path: string, limit?: number): Promise<FileUserStore> {
    // The file itself rather than a link to it, which a rename would replace.
    const store = new FileUserStore(await realpath(path).catch(() => path), limit);
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

  create(user: User, unlessFrom?: string): Promise<StoredUser | undefined> {
    return this.#changes.add((table) => table.create(user, unlessFrom));
  }

  update(user: User, revision: number): Promise<StoredUser | undefined> {
    return this.#changes.add((table) => table.update(user, revision));
  }

  remove(name: string): Promise<boolean> {
    return this.#changes.add((table) => table.remove(name));
  }

  /** Waits for the changes under way, and releases the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changes.settled();
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
      this.#table = text === undefined ? new UserTable([], 0, this.#limit) : parseUsers(text, this.#path, this.#limit);
      this.#version = version; // older than what was read, if it changed meanwhile: then it is loaded once more
    } finally {
      this.#loading = undefined;
    }
  }

  /** Writes a batch of changes, while nobody else does. */
  #write(apply: (table: UserTable) => void): Promise<void> {
    return this.#lock.hold(async () => {
      await this.#loading; // what a reader loads may be older than the lock
      await this.#refresh();
      const table = this.#table;
      const { revision } = table;
      apply(table);
      if (table.revision === revision) return;
      try {
        await writeWhole(this.#path, formatUsers(table));
        this.#version = await versionOf(this.#path);
        this.#table = table;
      } catch (error) {
        this.#version = "unknown"; // memory is ahead of the file: the next call loads it
        throw error;
      }
    });
  }
}
