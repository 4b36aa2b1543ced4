/**
 * The gate of a server whose clients log in.
 *
 * @module
 */
import { authenticate } from "./authenticate.ts";
import type { Login } from "./steps.ts";
import { identify } from "./identify.ts";
import { FileUserStore } from "../identity/file_store.ts";
import { Passwords } from "../identity/passwords.ts";
import { Sessions } from "../identity/sessions.ts";
import { Throttle } from "../identity/throttle.ts";
import type { UserStore } from "../identity/users.ts";
import { makeFolderOf } from "../files/folder.ts";
import { isLoopback } from "../addresses.ts";
import { checkName, nameKey } from "../names.ts";
import { UserWatch } from "./user_watch.ts";
import { type Gate, type GateOptions, stopRefusal } from "./gate_contract.ts";

/** The gate of a server with access `identify` or `password`. */
export class LoginGate implements Gate {
  readonly #options: GateOptions;
  readonly #admins: ReadonlySet<string>;
  readonly #users: UserStore;
  readonly #ownsUsers: boolean;
  readonly #passwords: Passwords | undefined;
  readonly #sessions = new Sessions();
  readonly #throttle = new Throttle();
  readonly #userWatch: UserWatch;
  readonly #closing = new AbortController();

  private constructor(options: GateOptions, users: UserStore) {
    this.#options = options;
    this.#admins = new Set(options.admins.map((name) => nameKey(checkName(name))));
    this.#users = users;
    this.#userWatch = new UserWatch(users);
    this.#ownsUsers = typeof options.users === "string";
    this.#passwords = options.access === "password" ? new Passwords() : undefined;
  }

  /**
   * Opens the gate of a server.
   *
   * @throws {EchopipeError} `damaged`, `permission` or `io` where the file of users cannot be used, `invalid-argument` for
   * an admin's name that cannot be one
   */
  static async open(options: GateOptions): Promise<Gate> {
    const { users } = options;
    if (typeof users !== "string") return new LoginGate(options, users);
    await makeFolderOf(users); // now, while somebody sees the server start, rather than when the first client comes
    return new LoginGate(options, await FileUserStore.open(users));
  }

  login(address: string): Login {
    const shared = { users: this.#users, userWatch: this.#userWatch, address };
    if (this.#passwords === undefined) return identify(shared);
    return authenticate({
      ...shared,
      passwords: this.#passwords,
      sessions: this.#sessions,
      throttle: this.#throttle,
      registration: this.#options.registration,
      admins: this.#options.admins,
      local: isLoopback(address) && !this.#options.proxyProtocol,
      signal: this.#closing.signal,
    });
  }

  stopRefusal(name: string | undefined, address: string): string | undefined {
    const isAdmin = this.#passwords !== undefined && name !== undefined && this.#admins.has(nameKey(name));
    const { allowStop, proxyProtocol } = this.#options;
    return stopRefusal(allowStop, address, isAdmin, proxyProtocol);
  }

  async check(): Promise<void> {
    await this.#users.list();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#passwords?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    if (this.#ownsUsers) await this.#users[Symbol.asyncDispose]();
  }
}
