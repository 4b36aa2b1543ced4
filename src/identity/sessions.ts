/**
 * Sessions: coming back without a password.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { MAX_SESSIONS, type StoredSession, type User } from "./users.ts";

const TOKEN_BYTES = 32;
const HOUR = 3_600_000;
/** The least time between two uses that are written down, in milliseconds: not every login needs to change the file. */
const TOUCH_MS = 60_000;

/** Lifetimes of sessions. */
export interface SessionOptions {
  /** Lifetime without a use, in milliseconds. Default 7 days. */
  readonly idle?: number;
  /** Lifetime of a session that is used, in milliseconds. Default 30 days. */
  readonly absolute?: number;
  /** A clock, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** A session that was begun or used: the user as it has to be stored, and what the client receives. */
export interface OpenedSession {
  /** Its user. */
  readonly user: User;
  /** The token: known to the client alone from now on. */
  readonly token: string;
  /** Its end, unless it is used before. */
  readonly expires: Date;
}

/**
 * Begins, finds and ends the sessions of users. A token is 256 random bits; the store gets only its SHA-256, from which
 * nobody finds it. None of this writes: the caller stores the user it is given.
 */
export class Sessions {
  readonly #idle: number;
  readonly #absolute: number;
  readonly #now: () => number;

  /** Makes the rules of sessions; times are in milliseconds. */
  constructor({ idle = 7 * 24 * HOUR, absolute = 30 * 24 * HOUR, now = Date.now }: SessionOptions = {}) {
    this.#idle = idle;
    this.#absolute = absolute;
    this.#now = now;
  }

  /** Begins a session; the user's expired ones, and the oldest beyond 16, end. */
  begin(user: User): OpenedSession {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const time = new Date(this.#now()).toISOString();
    const session: StoredSession = { digest: digestOf(token), created: time, used: time };
    const others = user.sessions.filter((other) => this.#expiry(other) > this.#now());
    return {
      user: { ...user, sessions: [...others, session].slice(-MAX_SESSIONS) },
      token,
      expires: new Date(this.#expiry(session)),
    };
  }

  /** Uses a session again: its idle time begins anew. Undefined: the user has no such session, or it has expired. */
  resume(user: User, token: string): OpenedSession | undefined {
    const digest = digestOf(token);
    const session = user.sessions.find((other) => other.digest === digest);
    const now = this.#now();
    if (session === undefined || this.#expiry(session) <= now) return undefined;
    const fresh = now - Date.parse(session.used) < TOUCH_MS;
    const used = fresh ? session : { ...session, used: new Date(now).toISOString() };
    return {
      user: fresh ? user : { ...user, sessions: user.sessions.map((other) => other === session ? used : other) },
      token,
      expires: new Date(this.#expiry(used)),
    };
  }

  /** Ends one session. */
  end(user: User, token: string): User {
    const digest = digestOf(token);
    const left = user.sessions.filter((other) => other.digest !== digest);
    return left.length === user.sessions.length ? user : { ...user, sessions: left };
  }

  /** The end of a session, in milliseconds since 1970. */
  #expiry({ created, used }: StoredSession): number {
    return Math.min(Date.parse(used) + this.#idle, Date.parse(created) + this.#absolute);
  }
}

/** The digest of a token, which is all that the store keeps. */
export function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
