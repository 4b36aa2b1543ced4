/**
 * Passwords: the rules for new ones, and their hashes.
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { checkInteger, EchopipeError } from "../errors.ts";
import { nameKey } from "../names.ts";
import { isCommonPassword } from "./common_passwords.ts";
import { HashQueue, type HashTurn } from "./hash_queue.ts";
import { type Argon2Cost, formatPhc, MAX_COST, parsePhc } from "./phc.ts";

/** The shortest password, in bytes of UTF-8. */
const MIN_PASSWORD = 8;
/** The longest password, in bytes of UTF-8. */
const MAX_PASSWORD = 1024;

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Options of {@linkcode Passwords}. */
export interface PasswordOptions {
  /** Memory in KiB, 8 to 65,536. Default 19,456, which is what OWASP asks for with 2 passes and 1 lane. */
  readonly memory?: number;
  /** Passes, 1 to 10. Default 2. */
  readonly passes?: number;
  /** Lanes, 1 to 4. Default 1. */
  readonly lanes?: number;
  /** Hashes that may wait, 1 to 100,000. Default 256; one more is refused with `busy`. */
  readonly queue?: number;
}

/**
 * Hashes and verifies passwords: argon2id (RFC 9106) in a worker, one at a time.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Passwords } from "echopipe";
 *
 * await using passwords = new Passwords();
 * const stored = await passwords.hash("a long walk home");
 * assert.ok(stored.startsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
 * assert.ok(await passwords.verify("a long walk home", stored));
 * ```
 */
export class Passwords implements AsyncDisposable {
  readonly #cost: Argon2Cost;
  readonly #queue: HashQueue;
  /** The hash for names that nobody has: no password has it, and to verify one takes as long. */
  readonly #nobody: string;

  /** Throws `invalid-argument` for an option out of its range. */
  constructor(options: PasswordOptions = {}) {
    const lanes = checkInteger("lanes", options.lanes ?? 1, 1, MAX_COST.lanes);
    const memory = checkInteger("memory", options.memory ?? 19_456, 8 * lanes, MAX_COST.memory);
    const passes = checkInteger("passes", options.passes ?? 2, 1, MAX_COST.passes);
    this.#cost = { memory, passes, lanes };
    this.#queue = new HashQueue(checkInteger("queue", options.queue ?? 256, 1, 100_000));
    this.#nobody = formatPhc({ ...this.#cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) });
  }

  /**
   * A password's hash, as PHC string. The password is taken as {@linkcode checkPassword} returned it.
   *
   * @throws {EchopipeError} `busy` if too many wait, `closed`, `io`, and what `turn.before` throws
   */
  async hash(password: string, turn?: HashTurn): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#queue.add({ ...this.#cost, password: normal(password), salt, length: HASH_BYTES }, turn);
    return formatPhc({ ...this.#cost, salt, hash });
  }

  /**
   * Verifies a password against its hash; without a hash it is never right, which takes the same time.
   *
   * @throws {EchopipeError} `busy` if too many wait, `invalid-argument` for a hash that is none or costs too much,
   * `closed`, `io`, and what `turn.before` throws
   */
  async verify(password: string, stored: string | undefined, turn?: HashTurn): Promise<boolean> {
    const { hash: expected, ...made } = parsePhc(stored ?? this.#nobody);
    // A password too long to be one is not worth its hash, but worth the time.
    const given = byteLength(password) > MAX_PASSWORD ? "" : normal(password);
    const hash = await this.#queue.add({ ...made, password: given || "-", length: expected.length }, turn);
    return timingSafeEqual(hash, expected) && given !== "" && stored !== undefined;
  }

  /** True for a hash that is weaker than those made now: a password that was just verified is hashed again then. */
  needsRehash(stored: string): boolean {
    const { memory, passes, lanes, hash } = parsePhc(stored);
    return memory < this.#cost.memory || passes < this.#cost.passes || lanes < this.#cost.lanes ||
      hash.length < HASH_BYTES;
  }

  /** Ends the worker; what waits fails with `closed`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue.close();
  }
}

/**
 * A new password, normalised (NFC), if it may be used by somebody of that name.
 *
 * @throws {EchopipeError} `invalid-argument` if it has less than 8 or more than 1,024 bytes, is one of those that are tried
 * first, or the name; the message does not repeat it
 */
export function checkPassword(password: string, name: string): string {
  const bytes = byteLength(normal(password));
  const fault = bytes < MIN_PASSWORD || bytes > MAX_PASSWORD
    ? `it has ${bytes} bytes; expected ${MIN_PASSWORD} to ${MAX_PASSWORD}`
    : isCommonPassword(normal(password))
    ? "it is among the first that anybody would try"
    : nameKey(password) === nameKey(name)
    ? "it is the name"
    : undefined;
  if (fault === undefined) return normal(password);
  throw new EchopipeError("invalid-argument", `Cannot use this password: ${fault}`);
}

const encoder = new TextEncoder();
const byteLength = (text: string) => encoder.encode(text).length;
const normal = (password: string) => password.normalize("NFC");
