/**
 * Encodes lines of text.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { tooLargeToSend } from "./items.ts";
import { encodeUtf8, utf8Length } from "./utf8.ts";

/** The longest text that is joined to be encoded at once, in UTF-16 units. */
const MAX_JOINED = 64 * 1024;

/** Encodes items as lines. The lines of one call are joined as text, and encoded at once. */
export class LinesEncoder<T> extends Stage<T, Uint8Array<ArrayBuffer>> {
  readonly #limit: number;
  readonly #ending: string;
  readonly #toLine: (item: T) => string;
  #joined = "";

  /** Makes an encoder of lines of at most `limit` bytes. `toLine` makes a line of an item, or throws. */
  constructor(limit: number, ending: string, toLine: (item: T) => string) {
    super();
    this.#limit = limit;
    this.#ending = ending;
    this.#toLine = toLine;
  }

  push(item: T, out: Output<Uint8Array<ArrayBuffer>>): void {
    const line = this.#toLine(item);
    // No UTF-16 unit has more than three bytes.
    if (line.length > this.#limit / 3) {
      const length = utf8Length(line);
      if (length > this.#limit) throw tooLargeToSend("line", length, this.#limit);
    }
    this.#joined += line;
    this.#joined += this.#ending;
    if (this.#joined.length > MAX_JOINED) this.flush(out);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    if (this.#joined === "") return;
    const joined = this.#joined;
    this.#joined = "";
    out.push(encodeUtf8(joined));
  }
}

/**
 * Returns the text after checking that it can be a line.
 *
 * @throws {EchopipeError} `invalid-argument` if it contains the end of a line, `invalid-text` for half a surrogate pair
 */
export function checkLine(text: string): string {
  if (text.includes("\n") || text.endsWith("\r")) {
    throw new EchopipeError(
      "invalid-argument",
      "Cannot send a line: it contains the end of a line; expected text without \\n, and without \\r at its end",
    );
  }
  if (!text.isWellFormed()) {
    throw new EchopipeError("invalid-text", "Cannot send a line: it has half a surrogate pair, which is no character");
  }
  return text;
}
