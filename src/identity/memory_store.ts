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

  /** A store with no users, of at most `most`. */
  constructor(most?: number) {
    this.#table = new UserTable([], 0, most);
  }

  // deno-lint-ignore require-await
  async get(name: string): Promise<StoredUser | undefined> {
    return this.#table.get(name);
  }

  // deno-lint-ignore require-await
  async findByAddress(address: string): Promise<StoredUser | undefined> {
    return this.#table.findByAddress(address);
  }

  // deno-lint-ignore require-await
  async findBySession(digest: string): Promise<StoredUser | undefined> {
    return this.#table.findBySession(digest);
  }

  // deno-lint-ignore require-await
  async list(): Promise<StoredUser[]> {
    return this.#table.list();
  }

  // deno-lint-ignore require-await
  async create(user: User): Promise<StoredUser | undefined> {
    return this.#table.create(user);
  }

  // deno-lint-ignore require-await
  async update(user: User, revision: number): Promise<StoredUser | undefined> {
    return this.#table.update(user, revision);
  }

  // deno-lint-ignore require-await
  async remove(name: string): Promise<boolean> {
    return this.#table.remove(name);
  }

  /** Nothing to close. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
