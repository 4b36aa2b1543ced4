/**
 * Password hashes as PHC strings.
 *
 * ```text
 * $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>      both in base64 without padding
 * ```
 *
 * @see https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
 * @module
 */
import { Buffer } from "node:buffer";
import { EchopipeError } from "../errors.ts";

/** The cost of a hash. */
export interface Argon2Cost {
  /** Memory in KiB. */
  readonly memory: number;
  /** Passes over it. */
  readonly passes: number;
  /** Lanes. */
  readonly lanes: number;
}

/** A hash with what it was made with. */
export interface Phc extends Argon2Cost {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** The highest cost of a stored hash: whoever could write one could otherwise stall the server with it. */
export const MAX_COST: Argon2Cost = { memory: 65_536, passes: 10, lanes: 4 };

const form = /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([A-Za-z\d+/]{11,86})\$([A-Za-z\d+/]{22,86})$/;

/**
 * Reads a PHC string of argon2id.
 *
 * @throws {EchopipeError} `invalid-argument` if it is none, or costs more than 64 MiB, 10 passes or 4 lanes; the message
 * does not repeat it
 */
export function parsePhc(text: string): Phc {
  const parts = form.exec(text);
  if (parts === null) {
    throw new EchopipeError("invalid-argument", "Cannot read a password hash: it is not an argon2id PHC string");
  }
  const [memory, passes, lanes] = parts.slice(1, 4).map(Number);
  if (
    memory < 8 * lanes || memory > MAX_COST.memory || passes < 1 || passes > MAX_COST.passes || lanes < 1 ||
    lanes > MAX_COST.lanes
  ) {
    throw new EchopipeError(
      "invalid-argument",
      `Cannot use a password hash: it costs m=${memory},t=${passes},p=${lanes}; ` +
        `expected at most m=${MAX_COST.memory},t=${MAX_COST.passes},p=${MAX_COST.lanes}`,
    );
  }
  return { memory, passes, lanes, salt: decode(parts[4]), hash: decode(parts[5]) };
}

/** Writes a PHC string of argon2id. */
export function formatPhc({ memory, passes, lanes, salt, hash }: Phc): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${lanes}$${encode(salt)}$${encode(hash)}`;
}

const decode = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");
