/**
 * The limit of what encoders send.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/** The error for an item beyond the limit of its encoder, in bytes. */
export function tooLargeToSend(what: string, received: number, limit: number): EchopipeError {
  return new EchopipeError("too-large", `Cannot send a ${what}: it has ${received} bytes; expected at most ${limit}`, {
    received,
    limit,
  });
}
