/**
 * The names that are taken in a room, and the servers that live: two buckets of NATS.
 *
 * @module
 */
import type { KV } from "@nats-io/kv";
import { nameKey } from "../names.ts";
import { keyText, textOfKey } from "./keys.ts";
import { isWrongRevision, type Nats, natsCall } from "./nats.ts";

/** The bucket of names: `name.` and the name in base64url, and whose it is. */
const MEMBERS = "echopipe-members";
/** The bucket of servers: a key for each, which is written again and again. */
const SERVERS = "echopipe-servers";

/** A name that is taken. */
export interface TakenName {
  readonly name: string;
  /** Of the membership. */
  readonly id: string;
  /** The server that the member is at. */
  readonly server: string;
}

/** The names that are taken, and the signs of life of servers. */
export class MemberKeys {
  readonly #members: KV;
  readonly #servers: KV;

  private constructor(members: KV, servers: KV) {
    this.#members = members;
    this.#servers = servers;
  }

  /** Opens both buckets. */
  static async open(nats: Nats): Promise<MemberKeys> {
    return new MemberKeys(await nats.bucket(MEMBERS), await nats.bucket(SERVERS));
  }

  /** Takes a name; false: somebody has it. Rejects with `timed-out` or `io`. */
  async take(taken: TakenName): Promise<boolean> {
    const key = keyText("name", nameKey(taken.name));
    try {
      await this.#members.create(key, JSON.stringify(taken));
      return true;
    } catch (error) {
      if (isWrongRevision(error)) return false;
      // It is not known if it was written: it is, if it stands there.
      const found = await natsCall("take a name", () => this.#members.get(key));
      if (found?.operation === "PUT") return (found.json() as TakenName).id === taken.id;
      return await natsCall("take a name", () => Promise.reject(error));
    }
  }

  /** Gives a name back, unless it is another's by now. True: this call has done it. */
  async release({ name, id }: Pick<TakenName, "name" | "id">): Promise<boolean> {
    const key = keyText("name", nameKey(name));
    const found = await natsCall("give back a name", () => this.#members.get(key));
    if (found?.operation !== "PUT" || (found.json() as TakenName).id !== id) return false;
    try {
      await this.#members.delete(key, { previousSeq: found.revision });
      return true;
    } catch (error) {
      if (isWrongRevision(error)) return false;
      return await natsCall("give back a name", () => Promise.reject(error));
    }
  }

  /** All names that are taken, the earliest first. */
  async all(): Promise<TakenName[]> {
    return await natsCall("read the names of the room", async () => {
      const entries = [];
      for (const key of await Array.fromAsync(await this.#members.keys())) {
        const entry = await this.#members.get(key);
        if (entry?.operation === "PUT") entries.push(entry);
      }
      return entries.sort((a, b) => a.revision - b.revision).map((entry) => entry.json<TakenName>());
    });
  }

  /** Says that a server lives. */
  async live(server: string): Promise<void> {
    await natsCall("say that this server lives", () => this.#servers.put(keyText("server", server), ""));
  }

  /** The servers, each with a number that grows while it lives. */
  async servers(): Promise<Map<string, number>> {
    return await natsCall("read the servers of the cluster", async () => {
      const found = new Map<string, number>();
      for (const key of await Array.fromAsync(await this.#servers.keys())) {
        const entry = await this.#servers.get(key);
        if (entry?.operation === "PUT") found.set(textOfKey(key), entry.revision);
      }
      return found;
    });
  }

  /** Forgets a server; with a number, only if it has not shown a sign of life since. */
  async forget(server: string, number?: number): Promise<void> {
    try {
      await this.#servers.delete(keyText("server", server), number === undefined ? undefined : { previousSeq: number });
    } catch (error) {
      if (!isWrongRevision(error)) await natsCall("forget a server", () => Promise.reject(error));
    }
  }
}
