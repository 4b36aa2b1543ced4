/**
 * The rule for names of people: users and members of a chat alike.
 *
 * @module
 */
import { EchopipeError } from "./errors.ts";
import { printable } from "./printable.ts";

/** The longest name, in characters (Unicode code points). */
export const MAX_NAME = 32;

/** The longest name, in bytes of UTF-8. */
export const MAX_NAME_BYTES: number = 4 * MAX_NAME;

/** The rule in a few words, for error messages. */
export const NAME_RULE = "1 to 32 printable characters of one script, with single spaces between words";

/** Letters, digits, punctuation and symbols; marks and single spaces only behind them. */
const visible =
  /^[\p{L}\p{N}\p{P}\p{S}][\p{L}\p{M}\p{N}\p{P}\p{S}]*(?: [\p{L}\p{N}\p{P}\p{S}][\p{L}\p{M}\p{N}\p{P}\p{S}]*)*$/u;

/** Shown as nothing, or as a space: fillers, joiners, variation selectors, the blank Braille pattern, the null notehead. */
const invisible = /[\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]/u;

/** More marks on one letter than any language has (UTS #39, 5.4): they would cover the lines around. */
const piled = /\p{Mn}{5}/u;

/** The recommended scripts (UAX #31, table 5), and those that are written together (UTS #39, "highly restrictive"). */
const scripts = [
  ..."Arabic Armenian Bengali Bopomofo Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Hebrew Kannada Khmer"
    .split(" "),
  ..."Lao Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan".split(" "),
  "Latin Han Hiragana Katakana",
  "Latin Han Bopomofo",
  "Latin Han Hangul",
].map((group) => {
  const members = `${group} Common Inherited`.split(" ").map((script) => `\\p{Script_Extensions=${script}}`);
  return new RegExp(`^[${members.join("")}]*$`, "u");
});

/** Names that are commands. */
const reserved: ReadonlySet<string> = new Set(["exit", "stop"]);

/**
 * Returns a name in its one form: Unicode NFC, no spaces around it.
 *
 * Every character must be visible, and all of one script (UTS #39, "highly restrictive": Latin may stand beside Chinese,
 * Japanese and Korean), so that a name is not shown like another one: `аnna` with a Cyrillic letter is none. A name all of
 * whose letters look like those of another script is still one.
 *
 * @throws {EchopipeError} `invalid-argument` if it is not 1 to 32 such characters, or is a command
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkName } from "echopipe";
 *
 * assert.equal(checkName(" Jose\u0301 "), "José");
 * assert.throws(() => checkName("\u0430nna"), /letters of several scripts/);
 * ```
 */
export function checkName(name: string): string {
  const form = name.normalize("NFC").trim();
  const found = faultOf(form);
  if (found === undefined) return form;
  const shown = printable([...form].slice(0, 2 * MAX_NAME).join(""));
  throw new EchopipeError("invalid-argument", `Cannot use the name "${shown}": ${found}; expected ${NAME_RULE}`, {
    received: shown,
    limit: MAX_NAME,
  });
}

/** Returns what two names must differ in: not in case, nor in how a character is composed or how wide it is. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase().normalize("NFKC");
}

function faultOf(name: string): string | undefined {
  const { length } = [...name];
  if (length < 1 || length > MAX_NAME) return `it has ${length} characters`;
  if (invisible.test(name)) return "it has a character that is not visible";
  if (!visible.test(name)) return "it has a character that cannot be printed, or spaces side by side";
  if (piled.test(name)) return "it has five marks on one letter";
  if (!scripts.some((script) => script.test(name))) return "it has letters of several scripts, or of a rare one";
  return reserved.has(nameKey(name)) ? "it is a command" : undefined;
}
