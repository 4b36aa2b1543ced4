// deno-lint-ignore-file require-await -- what the table throws has to become a rejection, as with every other store
/**
 * Users that several servers share, in a bucket of NATS.
 *
 * @module
 */
import type { KV, KvEntry } from "@nats-io/kv";
import { EchopipeError } from "../errors.ts";
import { nameKey } from "../names.ts";
import { UserTable } from "../identity/user_table.ts";
import { formatEntry, parseEntry } from "../identity/users_file.ts";
import type { StoredUser, User, UserStore } from "../identity/users.ts";
import { keyText, textOfKey } from "./keys.ts";
import { isWrongRevision, type Nats, natsCall } from "./nats.ts";

/** The bucket of users: `KV_echopipe-users` is its stream. */
const BUCKET = "echopipe-users";

/** Time for the users that are there to be read at the start, in milliseconds. */
const LOAD_MS = 10_000;

/**
 * A store of users in a bucket: a key for each, `user.` and its name in base64url, its value as in the file of users.
 *
 * All users are kept in memory, as NATS tells of changes, and read from there; a write goes to NATS at the revision that
 * was last read, and is kept here when NATS has acknowledged it. What another server has written is seen here some
 * milliseconds later; a write that overlooks it fails, reads again, and is repeated by the caller, as with every store.
 *
 * Two rules hold for each server, and not for all of them at once: one name an address at registration, and the limit of
 * users.
 */
export class ClusterUserStore implements UserStore {
  readonly #bucket: KV;
  readonly #table: UserTable;
  #stopWatch: () => void = () => {};
  /** What is wrong with values that are no users, by key. As long as there is one, nothing is read or written. */
  readonly #damaged = new Map<string, unknown>();
  /** The failure that ended the watch. */
  #failure: unknown;
  /** Creations are one after the other: each looks at the addresses of all before. */
  #creating: Promise<unknown> = Promise.resolve();

  private constructor(bucket: KV, limit?: number) {
    this.#bucket = bucket;
    this.#table = new UserTable([], 0, limit);
  }

  /**
   * Opens the store, and reads the users that are there.
   *
   * @throws {EchopipeError} `timed-out` or `io` where NATS does not answer, `damaged` for a value that is no user
   */
  static async open(nats: Nats, limit?: number): Promise<ClusterUserStore> {
    const store = new ClusterUserStore(await nats.bucket(BUCKET), limit);
    await natsCall("read the users of the cluster", () => store.#watch());
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
    return await this.#write(user, () => this.#bucket.update(keyOf(user.name), formatEntry(user), revision));
  }

  async remove(name: string): Promise<boolean> {
    for (;;) {
      const stored = this.#users().get(name);
      if (stored === undefined) return false;
      const key = keyOf(name);
      try {
        await this.#bucket.delete(key, { previousSeq: stored.revision });
        this.#table.forget(nameKey(name), stored.revision);
        return true;
      } catch (error) {
        if (!isWrongRevision(error)) await natsCall(`remove the user "${name}"`, () => Promise.reject(error));
        await this.#readAgain(key);
      }
    }
  }

  /** Stops reading; the connection to NATS is closed by who opened it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#stopWatch();
    return Promise.resolve();
  }

  async #create(user: User, unlessFrom?: string): Promise<StoredUser | undefined> {
    if (!this.#users().admits(user, unlessFrom)) return undefined;
    return await this.#write(user, () => this.#bucket.create(keyOf(user.name), formatEntry(user)));
  }

  /** Writes a user; undefined: somebody else has written it meanwhile, which is read then. */
  async #write(user: User, write: () => Promise<number>): Promise<StoredUser | undefined> {
    try {
      const stored = { user, revision: await write() };
      this.#table.put(stored);
      return stored;
    } catch (error) {
      const found = await this.#readAgain(keyOf(user.name));
      if (isWrongRevision(error)) return undefined;
      // A write that timed out is unknown, not failed: it may stand there.
      if (found !== undefined && formatEntry(found.user) === formatEntry(user)) return found;
      return await natsCall(`write the user "${user.name}"`, () => Promise.reject(error));
    }
  }

  /** Reads a user from NATS, rather than wait for the news of it. */
  async #readAgain(key: string): Promise<StoredUser | undefined> {
    const entry = await natsCall("read a user of the cluster", () => this.#bucket.get(key));
    return entry === null ? undefined : this.#apply(entry);
  }

  /** Follows the bucket; resolves once the users that are there are read. */
  async #watch(): Promise<void> {
    const { values } = await this.#bucket.status();
    const watch = await this.#bucket.watch({ key: "user.*" });
    this.#stopWatch = () => watch.stop();
    const loaded = Promise.withResolvers<void>();
    if (values === 0) loaded.resolve();
    const follow = async () => {
      for await (const entry of watch) {
        this.#apply(entry);
        if (entry.delta === 0) loaded.resolve();
      }
    };
    follow().catch((error) => {
      this.#failure = error;
      loaded.reject(error);
    });
    const timer = setTimeout(() => loaded.reject(tooSlow()), LOAD_MS);
    await loaded.promise.finally(() => clearTimeout(timer));
  }

  #apply({ key, operation, revision, value }: KvEntry): StoredUser | undefined {
    this.#damaged.delete(key);
    if (operation !== "PUT") {
      this.#table.forget(textOfKey(key), revision);
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
    for (const error of this.#damaged.values()) throw error;
    if (this.#failure !== undefined) throw this.#failure;
    return this.#table;
  }
}

function tooSlow(): EchopipeError {
  return new EchopipeError("timed-out", `nothing has come for ${LOAD_MS / 1000} s`);
}

/** The key of a name. */
function keyOf(name: string): string {
  return keyText("user", nameKey(name));
}
