// deno-lint-ignore-file require-await -- what the table throws has to become a rejection, as with every other store
/**
 * Users in memory only.
 *
 * @module
 */
import { UserTable } from "./user_table.ts";
import type { StoredUser, User, UserStore } from "./users.ts";

/** A store that forgets: for tests and trials. */
export class MemoryUserStore implements UserStore {
  readonly #table: UserTable;

  /** A store with no users, for at most `limit` (default 10,000). */
  constructor(limit?: number) {
    this.#table = new UserTable([], 0, limit);
  }

  async get(name: string): Promise<StoredUser | undefined> {
    return this.#table.get(name);
  }

  async findByAddress(address: string): Promise<StoredUser | undefined> {
    return this.#table.findByAddress(address);
  }

  async findBySession(digest: string): Promise<StoredUser | undefined> {
    return this.#table.findBySession(digest);
  }

  async list(): Promise<StoredUser[]> {
    return this.#table.list();
  }

  async create(user: User, unlessFrom?: string): Promise<StoredUser | undefined> {
    return this.#table.create(user, unlessFrom);
  }

  async update(user: User, revision: number): Promise<StoredUser | undefined> {
    return this.#table.update(user, revision);
  }

  async remove(name: string): Promise<boolean> {
    return this.#table.remove(name);
  }

  /** Nothing to close. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
