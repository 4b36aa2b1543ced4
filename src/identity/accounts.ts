/**
 * Accounts: users with passwords and sessions, behind a throttle.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { plainAddress } from "../addresses.ts";
import { createUser, LoginRefused, refuseIfBusy } from "./login_refused.ts";
import type { Passwords } from "./passwords.ts";
import { digestOf, type OpenedSession, type Sessions } from "./sessions.ts";
import type { Throttle } from "./throttle.ts";
import { changeUser, newUser, type User, type UserStore, withAddress } from "./users.ts";

/** The parts of accounts: one of each for all connections. */
export interface AccountParts {
  /** The store of users. */
  readonly users: UserStore;
  /** Checks and hashes passwords. */
  readonly passwords: Passwords;
  /** Issues and checks tokens. */
  readonly sessions: Sessions;
  /** Slows guessing down. */
  readonly throttle: Throttle;
}

/** A client that has proven who it is. */
export interface Admission {
  readonly user: User;
  /** The token of its session; undefined: none could be stored. */
  readonly token?: string;
  /** The end of the session. */
  readonly expires?: Date;
  /** The error where the login could not be stored: it was right all the same. */
  readonly unstored?: unknown;
}

/** Accounts, as a client at one address may use them. */
export class Accounts {
  readonly #parts: AccountParts;
  readonly #address: string;
  readonly #signal: AbortSignal | undefined;

  /** `signal` ends what waits. */
  constructor(parts: AccountParts, address: string, signal?: AbortSignal) {
    this.#parts = parts;
    this.#address = address;
    this.#signal = signal;
  }

  /** The user of that name. */
  async find(name: string): Promise<User | undefined> {
    return (await this.#parts.users.get(name))?.user;
  }

  /** Uses a session again; undefined: there is none with that token. */
  async resume(token: string): Promise<Admission | undefined> {
    const { users, sessions } = this.#parts;
    const found = await users.findBySession(digestOf(token));
    if (found === undefined) return undefined;
    const { name } = found.user;
    const resume = (user: User) => sessions.resume(user, token);
    return await this.#open(name, resume).catch((unstored) => this.#admitUnstored(name, resume, unstored));
  }

  /**
   * Begins a session by password; undefined: it is wrong, or there is no such user, which takes as long. Where the session
   * cannot be stored, for example on a full disk, the client is admitted without one.
   *
   * @throws {LoginRefused} `throttled`, `busy`, and `credentials` if the password was changed meanwhile
   */
  async logIn(name: string, user: User | undefined, password: string): Promise<Admission | undefined> {
    const { passwords, sessions, throttle } = this.#parts;
    const known = user?.addresses.includes(plainAddress(this.#address));
    const wait = this.#checkThrottle(name, known);
    if (wait > 0) await pause(wait, undefined, { signal: this.#signal });
    const stored = user?.password;
    // Looked at again when its turn has come: those who guess in parallel are slowed down too.
    const right = await refuseIfBusy(
      passwords.verify(password, stored, {
        address: this.#address,
        known: known === true && stored !== undefined,
        before: () => void this.#checkThrottle(name, known),
      }),
    );
    if (!right || stored === undefined) {
      throttle.failed(name, this.#address);
      return undefined;
    }
    // A stronger hash can wait for the next login.
    const hash = passwords.needsRehash(stored)
      ? await passwords.hash(password, { address: this.#address, known }).catch(() => stored)
      : stored;
    const unchanged = (now: User) => now.password === stored; // since it was verified
    const opened = await this.#open(
      name,
      (now) => unchanged(now) ? sessions.begin(withAddress({ ...now, password: hash }, this.#address)) : undefined,
    ).catch((unstored) => this.#admitUnstored(name, (now) => unchanged(now) ? { user: now } : undefined, unstored));
    if (opened === undefined) throw new LoginRefused("credentials", "The password was changed meanwhile");
    return opened;
  }

  /**
   * Registers a name with a password, as `checkPassword` returned it, and begins a session; undefined: somebody has it.
   *
   * @throws {LoginRefused} `throttled`, `busy`, and `closed` where there are too many users
   */
  async register(name: string, password: string): Promise<OpenedSession | undefined> {
    const { passwords, sessions, throttle, users } = this.#parts;
    this.#checkRegistration(name);
    const before = () => {
      this.#checkRegistration(name);
      throttle.registered(this.#address);
    };
    const hash = await refuseIfBusy(passwords.hash(password, { address: this.#address, before }));
    const begin = (user: User) => sessions.begin(withAddress({ ...user, password: hash }, this.#address));
    const opened = begin(newUser(name));
    if (await createUser(users, opened.user)) return opened;
    // Known by its address alone so far, or somebody was faster.
    return await this.#open(name, (user) => user.password === undefined ? begin(user) : undefined);
  }

  /** Ends a session. */
  async logOut(name: string, token: string): Promise<void> {
    await changeUser(this.#parts.users, name, (user) => this.#parts.sessions.end(user, token));
  }

  async #open(
    name: string,
    open: (user: User) => OpenedSession | undefined,
  ): Promise<OpenedSession | undefined> {
    let opened: OpenedSession | undefined;
    const stored = await changeUser(this.#parts.users, name, (user) => {
      opened = open(user);
      return opened?.user;
    });
    return stored && opened;
  }

  /** Admits a client as the store has it, which cannot be written. Throws where it cannot be read either. */
  async #admitUnstored(
    name: string,
    admit: (user: User) => Admission | undefined,
    unstored: unknown,
  ): Promise<Admission | undefined> {
    const stored = await this.#parts.users.get(name);
    const admitted = stored && admit(stored.user);
    return admitted && { ...admitted, unstored };
  }

  /** The delay of this attempt, in milliseconds. Throws where it must not go on. */
  #checkThrottle(name: string, known: boolean | undefined): number {
    const { wait, retryAfter } = this.#parts.throttle.delay(name, this.#address, known);
    if (retryAfter === undefined) return wait;
    throw new LoginRefused("throttled", "Too many wrong passwords came from your address", retryAfter);
  }

  /** Throws where no name may be registered from the address now. */
  #checkRegistration(name: string): void {
    this.#checkThrottle(name, true);
    const { retryAfter } = this.#parts.throttle.registration(this.#address);
    if (retryAfter === undefined) return;
    throw new LoginRefused("throttled", "Too many names were registered from your address", retryAfter);
  }
}
