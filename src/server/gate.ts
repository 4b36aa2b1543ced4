/**
 * Who may use a server.
 *
 * @module
 */
import { authenticate } from "../handlers/authenticate.ts";
import type { AccessMode, Login } from "../handlers/access_steps.ts";
import { identify } from "../handlers/identify.ts";
import { FileUserStore } from "../identity/file_store.ts";
import { Passwords } from "../identity/passwords.ts";
import { Sessions } from "../identity/sessions.ts";
import { Throttle } from "../identity/throttle.ts";
import { userKey, userName, type UserStore } from "../identity/users.ts";
import { isLoopback } from "../transport/socket.ts";

/** What the gate of a server is told. */
export interface GateOptions {
  readonly access: AccessMode;
  /** The file of users, or a store of them. */
  readonly users: string | UserStore;
  readonly admins: readonly string[];
  readonly registration: "open" | "closed";
}

/** What the logins of a server's connections share. */
export class Gate implements AsyncDisposable {
  readonly #options: GateOptions;
  readonly #admins: ReadonlySet<string>;
  readonly #users: UserStore | undefined;
  readonly #ownsUsers: boolean;
  readonly #passwords: Passwords | undefined;
  readonly #sessions = new Sessions();
  readonly #throttle = new Throttle();
  readonly #closing = new AbortController();

  private constructor(options: GateOptions, users: UserStore | undefined) {
    this.#options = options;
    this.#admins = new Set(options.admins.map((name) => userKey(userName(name))));
    this.#users = users;
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
    const { access, users } = options;
    if (access === "open") return new Gate(options, undefined);
    return new Gate(options, typeof users === "string" ? await FileUserStore.open(users) : users);
  }

  /** The login of one connection; undefined: everybody may come in. */
  login(address: string): Login | undefined {
    if (this.#users === undefined) return undefined;
    if (this.#passwords === undefined) return identify({ users: this.#users, address });
    return authenticate({
      users: this.#users,
      passwords: this.#passwords,
      sessions: this.#sessions,
      throttle: this.#throttle,
      address,
      registration: this.#options.registration,
      admins: this.#options.admins,
      local: isLoopback(address),
      signal: this.#closing.signal,
    });
  }

  /** Why a client may not stop the server; undefined: it may. */
  stopRefusal(name: string | undefined, address: string): string | undefined {
    if (this.#passwords === undefined) {
      return isLoopback(address) ? undefined : "only clients on the server's own machine may stop it";
    }
    return name !== undefined && this.#admins.has(userKey(name)) ? undefined : "only those with --admin may stop it";
  }

  /** Ends the logins that are under way, however many wait for their turn. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#passwords?.[Symbol.asyncDispose]();
  }

  /** Ends the worker for passwords, and releases the file of users. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    if (this.#ownsUsers) await this.#users?.[Symbol.asyncDispose]();
  }
}
