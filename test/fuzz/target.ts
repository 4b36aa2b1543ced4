/**
 * The contract of a target of the fuzzing.
 *
 * @module
 */
import { EchopipeError } from "../../src/errors.ts";
import type { SeededRandom } from "../support/random.ts";

/** Something that reads what strangers send. */
export interface FuzzTarget {
  readonly name: string;
  /** Its folder in `corpus/`. */
  readonly corpus: string;
  /** Reads an input; throws if what came of it is wrong. `random` is for cuts. */
  check(input: Uint8Array, random: SeededRandom): void | Promise<void>;
}

/** What `read` returns; undefined for an error with one of the codes. Any other error passes on. */
export function orRefused<T>(read: () => T, ...codes: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EchopipeError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
