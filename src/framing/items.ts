/**
 * Checks of the items that encoders are given.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/** The type of a value, in a word: `null`, `string`, or the name of its class. */
function typeOf(value: unknown): string {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "object";
}

/** The error for an item of another type than the stage takes; `expected` names that one. */
export function wrongItem(item: unknown, expected: string): EchopipeError {
  const received = typeOf(item);
  return new EchopipeError("invalid-argument", `Cannot encode an item of type ${received}: expected ${expected}`, {
    received,
    expected,
  });
}

/**
 * Checks that an item is bytes.
 *
 * @throws {EchopipeError} `invalid-argument` if it is not
 */
export function checkBytes(item: Uint8Array): void {
  if (!(item instanceof Uint8Array)) throw wrongItem(item, "a Uint8Array");
}

/** The error for an item beyond the limit of its encoder, in bytes. */
export function tooLargeToSend(what: string, received: number, limit: number): EchopipeError {
  return new EchopipeError("too-large", `Cannot send a ${what}: it has ${received} bytes; expected at most ${limit}`, {
    received,
    limit,
  });
}
