/**
 * Authentication: name and password, or the token of a session.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import { type AccountParts, Accounts, type Admission } from "../identity/accounts.ts";
import { LoginRefused } from "../identity/login_refused.ts";
import { checkPassword } from "../identity/passwords.ts";
import type { User } from "../identity/users.ts";
import { checkName, nameKey } from "../names.ts";
import type { UserWatch } from "./user_watch.ts";
import { type AskStep, type Login, refused, type Step } from "./steps.ts";

/** Wrong answers after which a connection is refused. */
const ATTEMPTS = 3;
/** The same words for a wrong password and a name that nobody has. */
const WRONG = "Wrong name or password";

/** Options of {@linkcode authenticate}: the parts of accounts, which serve many connections, and the facts of this one. */
export interface AuthenticateOptions extends AccountParts {
  /** The client's IP address. */
  readonly address: string;
  /** `open`: a name that nobody has may be registered. Default `open`. */
  readonly registration?: "open" | "closed";
  /** Names with rights: to register one takes a client on this machine. Default none. */
  readonly admins?: readonly string[];
  /** True for a client on this machine. Default false. */
  readonly local?: boolean;
  /** Ends what waits: a login that is under way is refused. */
  readonly signal?: AbortSignal;
  /** Ends the connection when its user is removed or gets another password. Default: it lives on. */
  readonly userWatch?: UserWatch;
}

/** The last question. */
type Asked =
  | { readonly field: "name" }
  | { readonly field: "password"; readonly name: string; readonly user: User | undefined }
  | { readonly field: "new-password"; readonly name: string };

class Authenticate implements Login {
  readonly #options: AuthenticateOptions;
  readonly #accounts: Accounts;
  #asked: Asked = { field: "name" };
  #attempts = 0;
  #admission: Admission | undefined;

  constructor(options: AuthenticateOptions) {
    this.#options = options;
    this.#accounts = new Accounts(options, options.address, options.signal);
  }

  async begin(token?: string): Promise<Step> {
    const admission = token === undefined ? undefined : await this.#accounts.resume(token);
    return admission === undefined ? this.#askName("Your name?") : this.#welcomeBack(admission);
  }

  async answer(value: string): Promise<Step> {
    try {
      switch (this.#asked.field) {
        case "name":
          return await this.#name(value);
        case "password":
          return await this.#logIn(this.#asked.name, this.#asked.user, value);
        case "new-password":
          return await this.#register(this.#asked.name, value);
      }
    } catch (error) {
      if (this.#options.signal?.aborted) return refused("unavailable", "The server is about to stop");
      if (error instanceof LoginRefused) return refused(error.code, error.message, error.retryAfter);
      throw error;
    }
  }

  async logout(): Promise<void> {
    const { user, token } = this.#admission ?? {};
    if (user !== undefined && token !== undefined) await this.#accounts.logOut(user.name, token);
  }

  watch(revoked: (why: string) => void): () => void {
    const { userWatch } = this.#options;
    return this.#admission && userWatch ? userWatch.watch(this.#admission.user, revoked) : () => {};
  }

  async #name(value: string): Promise<Step> {
    const user = await this.#accounts.find(value);
    let name: string;
    try {
      name = user?.name ?? checkName(value); // users keep their names, whatever the rule for new ones becomes
    } catch (error) {
      return this.#wrong() ?? this.#askName(`${messageOf(error)}. Your name?`);
    }
    if (user?.password === undefined && this.#mayRegister(name)) {
      this.#asked = { field: "new-password", name };
      return this.#ask(`${name} is new here. Choose a password, of 8 bytes or more:`);
    }
    this.#asked = { field: "password", name, user };
    return this.#ask("Password?");
  }

  async #logIn(name: string, user: User | undefined, password: string): Promise<Step> {
    const admission = await this.#accounts.logIn(name, user, password);
    if (admission !== undefined) return this.#welcomeBack(admission);
    return this.#wrong() ?? { ...this.#ask(`${WRONG}. Password?`), wrong: true };
  }

  async #register(name: string, value: string): Promise<Step> {
    let password: string;
    try {
      password = checkPassword(value, name);
    } catch (error) {
      return this.#wrong(messageOf(error)) ?? this.#ask(`${messageOf(error)}. Choose another:`);
    }
    const admission = await this.#accounts.register(name, password);
    if (admission === undefined) return this.#wrong() ?? this.#askName("Somebody has just taken that name. Your name?");
    return this.#welcome(admission, `Welcome, ${name}`, true);
  }

  #welcomeBack(admission: Admission): Step {
    return this.#welcome(admission, `Welcome back, ${admission.user.name}`, false);
  }

  #welcome(admission: Admission, text: string, registered: boolean): Step {
    this.#admission = admission;
    const { user: { name }, ...rest } = admission;
    return { type: "welcome", name, ...rest, text, registered };
  }

  #askName(text: string): Step {
    this.#asked = { field: "name" };
    return this.#ask(text);
  }

  #ask(text: string): AskStep {
    return { type: "ask", field: this.#asked.field, text };
  }

  /** Counts what was wrong; the refusal once it was too often. */
  #wrong(text = WRONG): Step | undefined {
    return ++this.#attempts >= ATTEMPTS ? refused("credentials", text) : undefined;
  }

  #mayRegister(name: string): boolean {
    const { registration = "open", admins = [], local = false } = this.#options;
    return registration === "open" && (local || !admins.some((admin) => nameKey(admin) === nameKey(name)));
  }
}

/**
 * The login of access `password`: by the token of a session, or by name and password; a name that nobody has is registered
 * with a new password, unless registration is closed. A name that nobody has and a wrong password look alike, in words and
 * in time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { authenticate, MemoryUserStore, Passwords, Sessions, Throttle } from "echopipe";
 *
 * await using passwords = new Passwords();
 * const shared = { users: new MemoryUserStore(), passwords, sessions: new Sessions(), throttle: new Throttle() };
 * const login = authenticate({ ...shared, address: "192.0.2.7" });
 * await login.begin();
 * assert.equal((await login.answer("anna")).type, "ask");
 * const welcome = await login.answer("a long walk home");
 * assert.equal(welcome.type, "welcome");
 * const token = welcome.type === "welcome" ? welcome.token : undefined;
 * assert.equal((await authenticate({ ...shared, address: "192.0.2.8" }).begin(token)).type, "welcome");
 * ```
 */
export function authenticate(options: AuthenticateOptions): Login {
  return new Authenticate(options);
}
