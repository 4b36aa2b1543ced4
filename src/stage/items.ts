/**
 * Checks of the items that stages and sinks are given.
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

/** The error for an item of another type than is expected. `verb`: what cannot be done with it. */
export function wrongItem(item: unknown, expected: string, verb = "encode"): EchopipeError {
  const received = typeOf(item);
  return new EchopipeError("invalid-argument", `Cannot ${verb} an item of type ${received}: expected ${expected}`, {
    received,
    expected,
  });
}

/**
 * Checks that an item is bytes.
 *
 * @throws {EchopipeError} `invalid-argument` if it is not
 */
export function checkBytes(item: Uint8Array, verb?: string): void {
  if (!(item instanceof Uint8Array)) throw wrongItem(item, "a Uint8Array", verb);
}
