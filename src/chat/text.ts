/**
 * Texts of messages.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/** The longest text of a message, in bytes of UTF-8: with the longest name it still fits one datagram. */
export const MAX_TEXT = 1000;

/**
 * A text as it is sent.
 *
 * @throws {EchopipeError} `too-large` if it is longer than 1,000 bytes, `invalid-argument` if it is empty
 */
export function checkText(text: string): string {
  const form = text.toWellFormed();
  const size = encoder.encode(form).length;
  if (size > MAX_TEXT) {
    throw new EchopipeError(
      "too-large",
      `Cannot send a text of ${size} bytes: the limit is ${MAX_TEXT} bytes, so that it fits one datagram`,
      { received: size, limit: MAX_TEXT },
    );
  }
  if (size === 0) throw new EchopipeError("invalid-argument", "Cannot send an empty text: expected at least one byte");
  return form;
}

const encoder = new TextEncoder();
