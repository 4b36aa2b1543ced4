/**
 * Checks of the values that faults take.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/**
 * Returns a number after checking that it is within its bounds, both inclusive.
 *
 * @throws {EchopipeError} `invalid-argument` if it is not
 */
export function checkNumber(name: string, value: number, min: number, max: number, unit: string): number {
  if (value >= min && value <= max) return value;
  throw new EchopipeError("invalid-argument", `Cannot use ${name} ${value}: expected ${min} to ${max} ${unit}`, {
    received: value,
  });
}

/**
 * Returns a number of bytes after checking that it is an integer of at least `min`.
 *
 * @throws {EchopipeError} `invalid-argument` if it is not
 */
export function checkBytes(name: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new EchopipeError("invalid-argument", `Cannot use ${name} ${value}: expected a number of bytes from ${min}`, {
    received: value,
  });
}
