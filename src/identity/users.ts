/**
 * Users, and the contract of their stores.
 *
 * @module
 */
import { plainAddress } from "../addresses.ts";
import { EchopipeError } from "../errors.ts";
import { checkName } from "../names.ts";

/** Addresses kept of a user: the last ones it came from. */
export const MAX_ADDRESSES = 16;
/** Sessions of a user: a further login ends the oldest. */
export const MAX_SESSIONS = 16;

/** A session as it is stored: not its token, only a digest of it. */
export interface StoredSession {
  /** SHA-256 of the token, in base64url. */
  readonly digest: string;
  /** The time when it began, in RFC 3339. */
  readonly created: string;
  /** The time when it was last used, in RFC 3339. */
  readonly used: string;
}

/** A user. */
export interface User {
  /** Unique, whatever its case: see `nameKey` in `names.ts`. */
  readonly name: string;
  /** The time when it was first seen, in RFC 3339. */
  readonly created: string;
  /** The IP addresses it came from, the last one last; at most 16. */
  readonly addresses: readonly string[];
  /** Its password hash, a PHC string; undefined: it has no password. */
  readonly password?: string;
  /** Its sessions, the oldest first; at most 16. */
  readonly sessions: readonly StoredSession[];
}

/** A user as read from a store, with its revision. */
export interface StoredUser {
  /** The user. */
  readonly user: User;
  /** Grows with every change; a number is never used twice. */
  readonly revision: number;
}

/**
 * A store of users. A change is durable when its promise resolves.
 *
 * Nothing is overwritten unseen: `create` requires absence, `update` the revision that was last read.
 *
 * All reject with `damaged`, `permission`, `io` or `timed-out` where the store itself fails.
 */
export interface UserStore extends AsyncDisposable {
  /** The user of that name. */
  get(name: string): Promise<StoredUser | undefined>;
  /** The user who last came from that address. */
  findByAddress(address: string): Promise<StoredUser | undefined>;
  /** The user who has the session with that digest. */
  findBySession(digest: string): Promise<StoredUser | undefined>;
  /** All users, by name. */
  list(): Promise<StoredUser[]>;
  /**
   * Adds a user; undefined: there is one of that name already, or one who came from the address `unlessFrom`. Rejects with
   * `too-large` when the store is full.
   */
  create(user: User, unlessFrom?: string): Promise<StoredUser | undefined>;
  /** Changes a user; undefined: it is no longer at that revision, so read it again. Its name cannot be changed. */
  update(user: User, revision: number): Promise<StoredUser | undefined>;
  /** Removes a user; false: there is none of that name. */
  remove(name: string): Promise<boolean>;
}

/** A new user. Throws `invalid-argument` for a name that cannot be used. */
export function newUser(name: string, now: Date = new Date()): User {
  return { name: checkName(name), created: now.toISOString(), addresses: [], sessions: [] };
}

/** The user, last seen at that address. */
export function withAddress(user: User, address: string): User {
  const plain = plainAddress(address);
  if (user.addresses.at(-1) === plain) return user;
  const others = user.addresses.filter((known) => known !== plain);
  return { ...user, addresses: [...others, plain].slice(-MAX_ADDRESSES) };
}

/**
 * Reads a user, changes it and writes it back, again if it was changed by somebody else in between.
 *
 * @returns what was written; undefined: there is no such user, or `change` gave undefined
 */
export async function changeUser(
  store: UserStore,
  name: string,
  change: (user: User) => User | undefined,
): Promise<StoredUser | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    const stored = await store.get(name);
    const changed = stored && change(stored.user);
    if (stored === undefined || changed === undefined) return undefined;
    if (changed === stored.user) return stored;
    const written = await store.update(changed, stored.revision);
    if (written !== undefined) return written;
  }
  throw new EchopipeError("timed-out", `Cannot change the user "${name}": others changed it 100 times meanwhile`);
}
