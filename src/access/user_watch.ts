/**
 * Changes of users who are logged in.
 *
 * @module
 */
import { clearInterval, setInterval } from "node:timers";
import { nameKey } from "../names.ts";
import type { User, UserStore } from "../identity/users.ts";

/** A user who is logged in on one connection. */
interface Watched {
  readonly user: User;
  readonly revoked: (why: string) => void;
}

/**
 * Looks every few seconds after the users who are logged in: a connection must not live on after its user was removed, or
 * has another password. One watch serves all connections of a server; it looks at nothing while there are none.
 */
export class UserWatch {
  readonly #users: UserStore;
  readonly #interval: number;
  readonly #watched = new Set<Watched>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** A watch that looks every `interval` milliseconds. Default 2,000. */
  constructor(users: UserStore, interval = 2000) {
    this.#users = users;
    this.#interval = interval;
  }

  /** Calls `revoked`, once, when the user is no longer as it is given here. Returns a function that ends the watch. */
  watch(user: User, revoked: (why: string) => void): () => void {
    const watched = { user, revoked };
    this.#watched.add(watched);
    this.#timer ??= setInterval(() => void this.#look(), this.#interval).unref();
    return () => this.#forget(watched);
  }

  #forget(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const found = new Map<string, Promise<User | undefined>>();
    // All asked for at once: the store looks at its file once.
    await Promise.all([...this.#watched].map(async (watched) => {
      const { user: { name, password }, revoked } = watched;
      const key = nameKey(name);
      if (!found.has(key)) found.set(key, this.#users.get(name).then((stored) => stored?.user));
      let now: User | undefined;
      try {
        now = await found.get(key);
      } catch {
        return; // the store cannot be read: a login says so, and nobody is sent away for it
      }
      if (now !== undefined && now.password === password || !this.#watched.has(watched)) return;
      this.#forget(watched);
      revoked(now === undefined ? `${name} was removed` : `The password of ${name} was changed`);
    }));
  }
}
