/**
 * Names and texts: what may be one, and what a terminal may be shown.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/** The longest text of a message, in bytes of UTF-8: with the longest name it still fits one datagram. */
export const MAX_TEXT = 1000;

/** The longest name, in characters. */
export const MAX_NAME = 32;

/** The longest name, in bytes of UTF-8. */
export const MAX_NAME_BYTES: number = 4 * MAX_NAME;

const printable = /^[\p{L}\p{N}\p{P}\p{S}][\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;
const unseen = /\p{Default_Ignorable_Code_Point}|\u2800| {2}| $/u;

/**
 * A name in its one form (Unicode NFC).
 *
 * @throws {EchopipeError} `invalid-argument` if it is not 1 to 32 printable characters, single spaces only within
 */
export function checkName(name: string): string {
  const form = name.normalize("NFC");
  const length = [...form].length;
  if (length < 1 || length > MAX_NAME) {
    throw new EchopipeError(
      "invalid-argument",
      `Cannot use a name of ${length} characters: expected 1 to ${MAX_NAME}`,
      { received: length, limit: MAX_NAME },
    );
  }
  if (!printable.test(form) || unseen.test(form)) {
    const wanted = "expected printable characters with single spaces between them";
    throw new EchopipeError("invalid-argument", `Cannot use the name "${harmless(form)}": ${wanted}`, {
      received: harmless(form),
    });
  }
  return form;
}

/** What two names must differ in: not in case, nor in how a character is composed or how wide it is. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFKC");
}

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

// C0, DEL, C1, line and paragraph separator, and the marks that reorder text (UAX #9).
// deno-lint-ignore no-control-regex -- control characters are what it finds
const harmful = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A text with everything replaced that could do something to a terminal rather than be seen on it: control characters
 * become their pictures (U+2400 and on) or U+FFFD, a tab becomes a space.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { harmless } from "echopipe";
 *
 * assert.equal(harmless("\x1b[2Jhello\x07"), "␛[2Jhello␇");
 * ```
 */
export function harmless(text: string): string {
  return text.toWellFormed().replace(harmful, (character) => {
    const code = character.charCodeAt(0);
    if (code === 9) return " ";
    if (code < 32) return String.fromCharCode(0x2400 + code);
    return code === 127 ? "\u2421" : "\ufffd";
  });
}

const encoder = new TextEncoder();
