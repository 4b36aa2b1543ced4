/**
 * Input of a person: texts and commands.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import type { RoomRequest } from "./events.ts";

/** Meaning of a line: a request to the room, or a notice for the one who typed it. */
export type Typed = Exclude<RoomRequest, { readonly type: "join" }> | {
  readonly type: "notice";
  readonly text: string;
};

/** The answer to `/help`. */
const HELP = "/who: who is there; /me TEXT: say what you do; //TEXT: say what begins with a slash; exit: leave";

/**
 * Parses a line, given without its line end; undefined for an empty one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readTyped } from "echopipe";
 *
 * assert.deepEqual(readTyped("/me waves"), { type: "act", text: "waves" });
 * ```
 */
export function readTyped(line: string): Typed | undefined {
  if (line.trim() === "") return undefined;
  if (line === "exit") return { type: "leave" };
  if (line.startsWith("//")) return { type: "say", text: line.slice(1) };
  if (!line.startsWith("/")) return { type: "say", text: line };
  const [, word, rest] = /^\/(\S*)\s*(.*)$/su.exec(line)!;
  switch (word) {
    case "who":
      return { type: "who" };
    case "me":
      return rest === "" ? { type: "notice", text: "/me expects a text: /me waves" } : { type: "act", text: rest };
    case "help":
      return { type: "notice", text: HELP };
    case "exit":
    case "quit":
      return { type: "leave" };
    default:
      return { type: "notice", text: `There is no command /${word}. ${HELP}` };
  }
}

/** The longest text of a message, in bytes of UTF-8: with the longest name it still fits one datagram. */
export const MAX_TEXT = 1000;

/**
 * Returns a text in the form it is sent in: half a surrogate pair becomes U+FFFD.
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
