/**
 * Authentication: name and password, or the token of a session.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { EchopipeError, messageOf } from "../errors.ts";
import { checkPassword, type Passwords } from "../identity/passwords.ts";
import { digestOf, type OpenedSession, type Sessions } from "../identity/sessions.ts";
import type { Throttle } from "../identity/throttle.ts";
import {
  changeUser,
  newUser,
  plainAddress,
  type User,
  userKey,
  userName,
  type UserStore,
  withAddress,
} from "../identity/users.ts";
import { type AskStep, type Login, refused, type Step } from "./steps.ts";

/** How often a client may be wrong on one connection. */
const ATTEMPTS = 3;
/** The same words for a wrong password and a name that nobody has. */
const WRONG = "That name and password do not belong together";

/** What authentication needs; all but the address serves many connections. */
export interface AuthenticateOptions {
  /** Who there is. */
  readonly users: UserStore;
  /** Checks and hashes passwords. */
  readonly passwords: Passwords;
  /** Issues and checks tokens. */
  readonly sessions: Sessions;
  /** Slows guessing down. */
  readonly throttle: Throttle;
  /** The client's IP address. */
  readonly address: string;
  /** Whether a name that nobody has may be registered. Default `open`. */
  readonly registration?: "open" | "closed";
  /** Names with rights: to register one takes a client on this machine. Default none. */
  readonly admins?: readonly string[];
  /** Whether the client is on this machine. Default false. */
  readonly local?: boolean;
  /** Ends what waits: a login that is under way is refused. */
  readonly signal?: AbortSignal;
}

/** What the client was asked for last. */
type Asked =
  | { readonly field: "name" }
  | { readonly field: "password"; readonly name: string; readonly user: User | undefined }
  | { readonly field: "new-password"; readonly name: string };

/** The address has failed too often: thrown when a password's turn to be hashed has come. */
class Throttled extends Error {
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super("Too many wrong passwords came from your address");
    this.retryAfter = retryAfter;
  }
}

class Authenticate implements Login {
  readonly #options: AuthenticateOptions;
  #asked: Asked = { field: "name" };
  #attempts = 0;
  #session: { readonly name: string; readonly token: string } | undefined;

  constructor(options: AuthenticateOptions) {
    this.#options = options;
  }

  async begin(token?: string): Promise<Step> {
    return (token !== undefined && await this.#resume(token)) || this.#askName("Your name?");
  }

  async answer(value: string): Promise<Step> {
    try {
      switch (this.#asked.field) {
        case "name":
          return await this.#name(value);
        case "password":
          return await this.#verify(this.#asked.name, this.#asked.user, value);
        case "new-password":
          return await this.#register(this.#asked.name, value);
      }
    } catch (error) {
      if (this.#options.signal?.aborted) return refused("unavailable", "The server is about to stop");
      if (error instanceof Throttled) return refused("throttled", error.message, error.retryAfter);
      if (!(error instanceof EchopipeError)) throw error;
      if (error.code === "busy") return refused("busy", "Too many are logging in at the moment", 5);
      if (error.code === "too-large") return refused("closed", "No more users can be registered here");
      throw error;
    }
  }

  async logout(): Promise<void> {
    const { users, sessions } = this.#options;
    const session = this.#session;
    if (session !== undefined) {
      await changeUser(users, session.name, (user) => sessions.end(user, session.token));
    }
  }

  async #resume(token: string): Promise<Step | undefined> {
    const { users, sessions } = this.#options;
    const found = await users.findBySession(digestOf(token));
    if (found === undefined) return undefined;
    let opened: OpenedSession | undefined;
    const kept = await changeUser(users, found.user.name, (user) => {
      opened = sessions.resume(user, token);
      return opened?.user;
    });
    return kept && opened && this.#welcome(opened, `Welcome back, ${kept.user.name}`);
  }

  async #name(value: string): Promise<Step> {
    let name: string;
    try {
      name = userName(value);
    } catch (error) {
      return this.#wrong() ?? this.#askName(`${messageOf(error)}. Your name?`);
    }
    const stored = await this.#options.users.get(name);
    if (stored?.user.password === undefined && this.#mayRegister(name)) {
      this.#asked = { field: "new-password", name: stored?.user.name ?? name };
      return this.#ask(`${this.#asked.name} is new here. Choose a password, of 8 bytes or more:`);
    }
    this.#asked = { field: "password", name: stored?.user.name ?? name, user: stored?.user };
    return this.#ask("Password?");
  }

  async #verify(name: string, user: User | undefined, password: string): Promise<Step> {
    const { passwords, sessions, throttle, users, address } = this.#options;
    const known = user?.addresses.includes(plainAddress(address));
    const { wait } = this.#delay(name, known);
    if (wait > 0) await pause(wait, undefined, { signal: this.#options.signal });
    const stored = user?.password;
    // Looked at again when its turn has come: those who guess in parallel are slowed down too.
    const right = await passwords.verify(password, stored, () => void this.#delay(name, known));
    if (!right || stored === undefined) {
      throttle.failed(name, address);
      return this.#wrong() ?? { ...this.#ask(`${WRONG}. Password?`), wrong: true };
    }
    const rehashed = passwords.needsRehash(stored) ? await passwords.hash(password) : stored;
    let opened: OpenedSession | undefined;
    const kept = await changeUser(users, name, (now) => {
      if (now.password !== stored) return undefined; // changed since it was verified
      opened = sessions.begin(withAddress({ ...now, password: rehashed }, address));
      return opened.user;
    });
    if (kept === undefined || opened === undefined) return refused("credentials", WRONG);
    return this.#welcome(opened, `Welcome back, ${name}`);
  }

  async #register(name: string, value: string): Promise<Step> {
    const { passwords, sessions, users, address } = this.#options;
    let password: string;
    try {
      password = checkPassword(value, name);
    } catch (error) {
      return this.#wrong(messageOf(error)) ?? this.#ask(`${messageOf(error)}. Choose another:`);
    }
    const hash = await passwords.hash(password, () => void this.#delay(name, true));
    const begin = (user: User) => sessions.begin(withAddress({ ...user, password: hash }, address));
    const fresh = begin(newUser(name));
    if (await users.create(fresh.user) !== undefined) return this.#welcome(fresh, `Welcome, ${name}`, true);
    // Known by its address alone so far, or somebody was faster.
    let opened: OpenedSession | undefined;
    const kept = await changeUser(users, name, (user) => {
      opened = user.password === undefined ? begin(user) : undefined;
      return opened?.user;
    });
    if (kept !== undefined && opened !== undefined) return this.#welcome(opened, `Welcome, ${name}`, true);
    return this.#wrong() ?? this.#askName("Somebody has just taken that name. Your name?");
  }

  #welcome({ user: { name }, token, expires }: OpenedSession, text: string, registered = false): Step {
    this.#session = { name, token };
    return { type: "welcome", name, token, expires, text, registered };
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
    return registration === "open" && (local || !admins.some((admin) => userKey(admin) === userKey(name)));
  }

  /** What this attempt has to wait. Throws where it must not go on. */
  #delay(name: string, known: boolean | undefined): { wait: number } {
    const { wait, retryAfter } = this.#options.throttle.delay(name, this.#options.address, known);
    if (retryAfter !== undefined) throw new Throttled(retryAfter);
    return { wait };
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
