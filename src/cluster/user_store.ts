// deno-lint-ignore-file require-await -- what the table throws has to become a rejection, as with every other store
/**
 * Users that several servers share, in a bucket of NATS.
 *
 * @module
 */
import type { KvEntry } from "@nats-io/kv";
import { nameKey } from "../names.ts";
import { UserTable } from "../identity/user_table.ts";
import { formatEntry, parseEntry } from "../identity/users_file.ts";
import type { StoredUser, User, UserStore } from "../identity/users.ts";
import { BucketWatch } from "./bucket_watch.ts";
import { keyText, textOfKey } from "./keys.ts";
import { isWrongRevision, type Nats } from "./nats.ts";

/** The bucket of users: `KV_echopipe-users` is its stream. */
const BUCKET = "echopipe-users";
const PREFIX = "user.";

/**
 * A store of users in a bucket: a key for each, `user.` and its name in base64url, its value as in the file of users.
 *
 * All users are kept in memory, as NATS tells of changes, and read from there; a write goes to NATS at the revision that
 * was last read, and is kept here when NATS has acknowledged it. What another server has written is seen here some
 * milliseconds later; a write that overlooks it fails, reads again, and is repeated by the caller, as with every store.
 * While the connection to NATS is lost everything fails with `io`: a user may have been removed meanwhile.
 *
 * Two rules hold for each server, and not for all of them at once: one name an address at registration, and the limit of
 * users.
 */
export class ClusterUserStore implements UserStore {
  readonly #nats: Nats;
  readonly #limit: number | undefined;
  #watch!: BucketWatch;
  #table: UserTable;
  /** What is wrong with values that are no users, by key. As long as there is one, nothing is read or written. */
  readonly #damaged = new Map<string, unknown>();
  /** Creations are one after the other: each looks at the addresses of all before. */
  #creating: Promise<unknown> = Promise.resolve();

  private constructor(nats: Nats, limit?: number) {
    this.#nats = nats;
    this.#limit = limit;
    this.#table = new UserTable([], 0, limit);
  }

  /**
   * Opens the store, and reads the users that are there.
   *
   * @throws {EchopipeError} `timed-out` or `io` where NATS does not answer, `damaged` for a value that is no user
   */
  static async open(nats: Nats, limit?: number): Promise<ClusterUserStore> {
    const store = new ClusterUserStore(nats, limit);
    store.#watch = await BucketWatch.open(nats, BUCKET, {
      load: (entries) => store.#load(entries),
      read: (entry) => store.#apply(entry),
    });
    return store;
  }

  async get(name: string): Promise<StoredUser | undefined> {
    return this.#users().get(name);
  }

  async findByAddress(address: string): Promise<StoredUser | undefined> {
    return this.#users().findByAddress(address);
  }

  async findBySession(digest: string): Promise<StoredUser | undefined> {
    return this.#users().findBySession(digest);
  }

  async list(): Promise<StoredUser[]> {
    return this.#users().list();
  }

  create(user: User, unlessFrom?: string): Promise<StoredUser | undefined> {
    const creation = this.#creating.then(() => this.#create(user, unlessFrom));
    this.#creating = creation.catch(() => {}); // reported to the caller
    return creation;
  }

  async update(user: User, revision: number): Promise<StoredUser | undefined> {
    const stored = this.#users().get(user.name);
    if (stored?.revision !== revision || stored.user.name !== user.name) return undefined;
    return await this.#write(user, () => this.#watch.bucket.update(keyOf(user.name), formatEntry(user), revision));
  }

  async remove(name: string): Promise<boolean> {
    for (;;) {
      const stored = this.#users().get(name);
      if (stored === undefined) return false;
      const key = keyOf(name);
      const removed = await this.#nats.call(`remove the user "${name}"`, async () => {
        try {
          await this.#watch.bucket.delete(key, { previousSeq: stored.revision });
          return true;
        } catch (error) {
          if (isWrongRevision(error)) return false;
          throw error;
        }
      });
      if (removed) {
        this.#table.forget(nameKey(name), stored.revision);
        return true;
      }
      await this.#readAgain(key);
    }
  }

  /** Stops reading; the connection to NATS is closed by who opened it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  async #create(user: User, unlessFrom?: string): Promise<StoredUser | undefined> {
    if (!this.#users().admits(user, unlessFrom)) return undefined;
    return await this.#write(user, () => this.#watch.bucket.create(keyOf(user.name), formatEntry(user)));
  }

  /** Writes a user; undefined: somebody else has written it meanwhile, which is read then. */
  async #write(user: User, write: () => Promise<number>): Promise<StoredUser | undefined> {
    return await this.#nats.call(`write the user "${user.name}"`, async () => {
      try {
        const stored = { user, revision: await write() };
        this.#table.put(stored);
        return stored;
      } catch (error) {
        const found = await this.#readAgain(keyOf(user.name));
        if (isWrongRevision(error)) return undefined;
        // A write that timed out is unknown, not failed: it may stand there.
        if (found !== undefined && formatEntry(found.user) === formatEntry(user)) return found;
        throw error;
      }
    });
  }

  /** Reads a user from NATS, rather than wait for the news of it. */
  async #readAgain(key: string): Promise<StoredUser | undefined> {
    const entry = await this.#nats.call("read a user of the cluster", () => this.#watch.bucket.get(key));
    if (entry !== null) return this.#apply(entry);
    this.#table.forget(textOfKey(key)!, Infinity); // purged, by somebody with other tools
    return undefined;
  }

  #load(entries: readonly KvEntry[]): void {
    this.#table = new UserTable([], 0, this.#limit);
    this.#damaged.clear();
    for (const entry of entries) this.#apply(entry);
  }

  #apply({ key, operation, revision, value }: KvEntry): StoredUser | undefined {
    const name = textOfKey(key);
    if (!key.startsWith(PREFIX) || name === undefined) return undefined; // nothing of ours
    this.#damaged.delete(key);
    if (operation !== "PUT") {
      this.#table.forget(name, revision);
      return undefined;
    }
    try {
      const user = parseEntry(new TextDecoder().decode(value), `the bucket ${BUCKET}, key ${key}`);
      const stored = { user, revision };
      this.#table.put(stored);
      return stored;
    } catch (error) {
      this.#damaged.set(key, error);
      return undefined;
    }
  }

  /** The users. Throws where they are not all known. */
  #users(): UserTable {
    this.#watch.check();
    for (const error of this.#damaged.values()) throw error;
    return this.#table;
  }
}

/** The key of a name. */
function keyOf(name: string): string {
  return keyText("user", nameKey(name));
}
