/**
 * Logins that are refused, and the work that may refuse them.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { User, UserStore } from "./users.ts";

/** A login that is not to go on, whatever the client says next. */
export class LoginRefused extends Error {
  /** The reason, as a code of `refused`. */
  readonly code: "busy" | "closed" | "credentials" | "throttled";
  /** The time after which another try may be worth it, in seconds. */
  readonly retryAfter: number | undefined;

  /** Refuses a login, with words for people. */
  constructor(code: LoginRefused["code"], text: string, retryAfter?: number) {
    super(text);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/**
 * Adds a user; false: there is one of that name, or one who came from the address `unlessFrom`.
 *
 * @throws {LoginRefused} `closed` where there are too many
 */
export async function createUser(users: UserStore, user: User, unlessFrom?: string): Promise<boolean> {
  try {
    return await users.create(user, unlessFrom) !== undefined;
  } catch (error) {
    if (!(error instanceof EchopipeError) || error.code !== "too-large") throw error;
    throw new LoginRefused("closed", "No more users can be registered here");
  }
}

/** The result of hashing. Throws {@linkcode LoginRefused} `busy` where too many wait for their hash. */
export async function refuseIfBusy<T>(hashing: Promise<T>): Promise<T> {
  try {
    return await hashing;
  } catch (error) {
    if (!(error instanceof EchopipeError) || error.code !== "busy") throw error;
    throw new LoginRefused("busy", "Too many are logging in at the moment", 5);
  }
}
