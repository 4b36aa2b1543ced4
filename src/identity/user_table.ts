/**
 * Users in memory, indexed.
 *
 * @module
 */
import { plainAddress } from "../addresses.ts";
import { EchopipeError } from "../errors.ts";
import { nameKey } from "../names.ts";
import type { StoredUser, User } from "./users.ts";

/** Users of a store, by default: more would make a file that is written whole slow. */
const MAX_USERS = 10_000;

/** The users of a store and their indexes; the rules of {@linkcode UserStore} without its waits. */
export class UserTable {
  /** The revision of the last change. */
  revision: number;
  readonly #limit: number;
  readonly #users = new Map<string, StoredUser>();
  readonly #byAddress = new Map<string, string>();
  readonly #bySession = new Map<string, string>();
  /** The keys in order, until there is another. */
  #order: string[] | undefined;

  /** Holds `users`, and takes new ones as long as there are fewer than `limit`. */
  constructor(users: Iterable<StoredUser> = [], revision: number = 0, limit: number = MAX_USERS) {
    this.revision = revision;
    this.#limit = limit;
    // Ascending: an address that two have is that of the one changed last.
    for (const stored of [...users].sort((a, b) => a.revision - b.revision)) this.#keep(stored);
  }

  /** The user of that name. */
  get(name: string): StoredUser | undefined {
    return this.#users.get(nameKey(name));
  }

  /** The user who last came from that address. */
  findByAddress(address: string): StoredUser | undefined {
    return this.#find(this.#byAddress, plainAddress(address));
  }

  /** The user who has the session with that digest. */
  findBySession(digest: string): StoredUser | undefined {
    return this.#find(this.#bySession, digest);
  }

  /** All users, by name. */
  list(): StoredUser[] {
    this.#order ??= [...this.#users.keys()].sort();
    return this.#order.map((key) => this.#users.get(key)!);
  }

  /** Adds a user, unless there is one of that name or from that address. Throws `too-large` when the table is full. */
  create(user: User, unlessFrom?: string): StoredUser | undefined {
    return this.admits(user, unlessFrom) ? this.#keep({ user, revision: ++this.revision }) : undefined;
  }

  /** False where there is a user of that name, or from that address. Throws `too-large` when the table is full. */
  admits(user: User, unlessFrom?: string): boolean {
    if (this.#users.has(nameKey(user.name))) return false;
    if (unlessFrom !== undefined && this.findByAddress(unlessFrom) !== undefined) return false;
    if (this.#users.size < this.#limit) return true;
    throw new EchopipeError("too-large", `Cannot add a user: there are ${this.#limit}, the limit`, {
      limit: this.#limit,
    });
  }

  /** Keeps a user as somebody else has stored it, unless it is known at a later revision. */
  put(stored: StoredUser): void {
    const known = this.get(stored.user.name);
    if (known !== undefined && known.revision >= stored.revision) return;
    if (known !== undefined) this.#drop(known.user);
    this.#keep(stored);
  }

  /** Forgets a user that somebody else has removed at that revision, unless it is known at a later one. */
  forget(key: string, revision: number): void {
    const known = this.#users.get(key);
    if (known === undefined || known.revision > revision) return;
    this.#drop(known.user);
    this.#users.delete(key);
    this.#order = undefined;
  }

  /** Changes a user that is at that revision. */
  update(user: User, revision: number): StoredUser | undefined {
    const stored = this.get(user.name);
    if (stored?.revision !== revision || stored.user.name !== user.name) return undefined;
    this.#drop(stored.user);
    return this.#keep({ user, revision: ++this.revision });
  }

  /** Removes a user. */
  remove(name: string): boolean {
    const stored = this.get(name);
    if (stored === undefined) return false;
    this.#drop(stored.user);
    this.#users.delete(nameKey(name));
    this.#order = undefined;
    this.revision++;
    return true;
  }

  #find(index: Map<string, string>, value: string): StoredUser | undefined {
    const key = index.get(value);
    return key === undefined ? undefined : this.#users.get(key);
  }

  #keep(stored: StoredUser): StoredUser {
    const key = nameKey(stored.user.name);
    if (!this.#users.has(key)) this.#order = undefined;
    this.#users.set(key, stored);
    for (const address of stored.user.addresses) this.#byAddress.set(address, key);
    for (const { digest } of stored.user.sessions) this.#bySession.set(digest, key);
    return stored;
  }

  #drop(user: User): void {
    const key = nameKey(user.name);
    for (const address of user.addresses) if (this.#byAddress.get(address) === key) this.#byAddress.delete(address);
    for (const { digest } of user.sessions) this.#bySession.delete(digest);
  }
}
