/**
 * Text from others, made fit for a terminal, a log or an error message.
 *
 * @module
 */

/** Control characters, line and paragraph separators, marks that reorder text (UAX #9), and halves of surrogate pairs. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

/**
 * Replaces every character that could control a terminal, or pass for another line or record: control characters become
 * their pictures (U+2400 and on) or U+FFFD, a tab becomes a space.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { printable } from "echopipe";
 *
 * assert.equal(printable("\x1b[2Jhello\x07"), "␛[2Jhello␇");
 * ```
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.charCodeAt(0);
    if (code === 9) return " ";
    if (code < 32) return String.fromCharCode(0x2400 + code);
    return code === 127 ? "\u2421" : "\ufffd";
  });
}

/** JSON with the same characters escaped: the same value, safe to show. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
