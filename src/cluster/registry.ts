/**
 * The names that are taken in a room, and the signs of life of servers: one bucket of NATS.
 *
 * | key | value |
 * | --- | --- |
 * | `name.` and the name in base64url | `{"name":"anna","id":"...","server":"..."}` |
 * | `server.` and the id of the server | empty; written again and again |
 *
 * @module
 */
import type { KvEntry } from "@nats-io/kv";
import { EchopipeError } from "../errors.ts";
import { nameKey } from "../names.ts";
import { BucketWatch } from "./bucket_watch.ts";
import { keyText } from "./keys.ts";
import { isWrongRevision, type Nats, REQUEST_MS } from "./nats.ts";

const BUCKET = "echopipe-members";
const NAME = "name";
const SERVER = "server.";
/** NATS keeps a mark of each key that is deleted. After so long it is removed, in milliseconds. */
const MARK_MS = 600_000;
/** So many at a time. */
const MAX_TIDIED = 50;

/** A name and whose it is. */
export interface Claim {
  readonly name: string;
  /** Of the membership. */
  readonly id: string;
  /** The server that the member is at. */
  readonly server: string;
}

/** A name that is taken. */
export interface TakenName extends Claim {
  /** Grows with each name that is taken. */
  readonly revision: number;
}

/**
 * The names that are taken, and the servers that live. Both are in one bucket, so that they are seen here in the order in
 * which they were written: who sees a server's sign of life has seen all that was written before.
 */
export class Registry implements AsyncDisposable {
  readonly #nats: Nats;
  #watch!: BucketWatch;
  /** By key. */
  readonly #names = new Map<string, TakenName>();
  /** Marks of deleted keys, by revision, and when they were first seen. */
  readonly #marks = new Map<number, number>();
  readonly #servers = new Map<string, number>();
  /** The revision that was seen last. */
  #seen = 0;
  readonly #waiting = new Set<() => void>();

  private constructor(nats: Nats) {
    this.#nats = nats;
  }

  /** Opens the registry. Rejects with `timed-out` or `io` where NATS does not answer. */
  static async open(nats: Nats): Promise<Registry> {
    const registry = new Registry(nats);
    registry.#watch = await BucketWatch.open(nats, BUCKET, {
      load: (entries) => registry.#load(entries),
      read: (entry) => registry.#read(entry),
    });
    return registry;
  }

  /** The names that are taken, the earliest first. */
  get names(): readonly TakenName[] {
    return [...this.#names.values()];
  }

  /** Who has a name; undefined: nobody. */
  holder(name: string): TakenName | undefined {
    return this.#names.get(keyOf(name));
  }

  /** The servers, each with a number that grows while it lives. */
  get servers(): ReadonlyMap<string, number> {
    return this.#servers;
  }

  /** Takes a name; undefined: somebody has it. Rejects with `timed-out` or `io`. */
  async take(claim: Claim): Promise<TakenName | undefined> {
    const key = keyOf(claim.name);
    const { bucket } = this.#watch;
    return await this.#nats.call("take a name", async () => {
      try {
        return { ...claim, revision: await bucket.create(key, JSON.stringify(claim)) };
      } catch (error) {
        if (isWrongRevision(error)) return undefined;
        // It is not known if it was written: it is, if it stands there.
        const found = await bucket.get(key);
        const taken = found === null ? undefined : parse(found);
        if (taken === undefined) throw error;
        return taken.id === claim.id ? taken : undefined;
      }
    });
  }

  /** Gives a name back, unless it is another's by now. */
  async release({ name, revision }: TakenName): Promise<void> {
    await this.#delete("give back a name", keyOf(name), revision);
  }

  /** Shows a sign of life of a server, and waits for its return: all that was written before has been seen then. */
  async sign(server: string): Promise<void> {
    const key = SERVER + server;
    await this.#seenUntil(await this.#nats.call("show a sign of life", () => this.#watch.bucket.put(key, "")));
  }

  /** Forgets a server, unless it has shown a sign of life since that number. */
  async forget(server: string, number: number | undefined): Promise<void> {
    await this.#delete("forget a server", SERVER + server, number);
  }

  /** Removes old marks of deleted keys. Another server may do the same at the same time. */
  async tidy(): Promise<void> {
    const before = performance.now() - MARK_MS;
    const old = [...this.#marks].filter(([, seen]) => seen < before).slice(0, MAX_TIDIED);
    for (const [revision] of old) {
      this.#marks.delete(revision);
      const { streams } = this.#nats.manager;
      await this.#nats.call("tidy the bucket of members", () => streams.deleteMessage(`KV_${BUCKET}`, revision, false))
        .catch(() => {}); // gone already, or left where it harms nobody
    }
  }

  /** Ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  async #delete(attempt: string, key: string, revision: number | undefined): Promise<void> {
    await this.#nats.call(attempt, async () => {
      try {
        await this.#watch.bucket.delete(key, revision === undefined ? undefined : { previousSeq: revision });
      } catch (error) {
        if (!isWrongRevision(error)) throw error;
      }
    });
  }

  async #seenUntil(revision: number): Promise<void> {
    if (this.#seen >= revision) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => this.#seen >= revision && resolve();
    this.#waiting.add(look);
    const timer = setTimeout(() => {
      this.#watch.restart(); // it does not tell what is written
      reject(
        new EchopipeError("timed-out", `Cannot see the own sign of life: NATS has not told of it for ${REQUEST_MS} ms`),
      );
    }, REQUEST_MS);
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }

  #load(entries: readonly KvEntry[]): void {
    this.#names.clear();
    this.#servers.clear();
    this.#marks.clear();
    this.#seen = 0;
    for (const entry of entries) this.#read(entry);
  }

  #read(entry: KvEntry): void {
    const { key, operation, revision } = entry;
    if (operation !== "PUT") this.#marks.set(revision, performance.now());
    if (key.startsWith(SERVER)) {
      if (operation === "PUT") this.#servers.set(key.slice(SERVER.length), revision);
      else this.#servers.delete(key.slice(SERVER.length));
    } else {
      const taken = parse(entry);
      this.#names.delete(key); // the earliest first
      if (taken !== undefined) this.#names.set(key, taken);
    }
    this.#seen = revision;
    for (const look of this.#waiting) look();
  }
}

function keyOf(name: string): string {
  return keyText(NAME, nameKey(name));
}

/** The name of an entry; undefined: it was given back, or the entry is none of this version. */
function parse({ operation, value, revision }: KvEntry): TakenName | undefined {
  if (operation !== "PUT") return undefined;
  try {
    const { name, id, server } = JSON.parse(new TextDecoder().decode(value));
    return [name, id, server].every((text) => typeof text === "string") ? { name, id, server, revision } : undefined;
  } catch {
    return undefined; // no JSON
  }
}
