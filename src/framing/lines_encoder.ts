/**
 * Encodes lines of text.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { Batch } from "./batch.ts";
import { tooLargeToSend } from "./too_large.ts";
import { utf8Length } from "./utf8.ts";

/** The longest text that is joined to be encoded at once, in UTF-16 units. */
const MAX_JOINED = 64 * 1024;
/** The longest text that is encoded into shared memory, in UTF-16 units: less is faster so, more by itself. */
const MAX_SHARED = 2 * 1024;

/** Room for characters beyond ASCII, in bytes. */
const MAX_SPARE = 256;
const LF = 0x0a;
const CR = 0x0d;
const utf8 = new TextEncoder();

/** Encodes items as lines. The lines of one call are joined as text, and encoded at once. */
export class LinesEncoder<T> extends Stage<T, Uint8Array<ArrayBuffer>> {
  readonly #limit: number;
  readonly #ending: string;
  readonly #toLine: (item: T) => string;
  readonly #batch = new Batch();
  /** The lines of the call, without the end of the last one. */
  #joined: string | undefined;

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
    this.#joined = this.#joined === undefined ? line : this.#joined + this.#ending + line;
    if (this.#joined.length > MAX_JOINED) this.flush(out);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    const joined = this.#joined;
    if (joined === undefined) return;
    this.#joined = undefined;
    if (joined.length > MAX_SHARED) return out.push(utf8.encode(joined + this.#ending));
    const batch = this.#batch;
    // Room for ASCII and some more: three bytes a unit would seldom be used.
    const most = joined.length + Math.min(2 * joined.length, MAX_SPARE);
    const at = batch.reserve(most + 2, out);
    const { memory } = batch;
    const { read, written } = utf8.encodeInto(joined, memory.subarray(at, at + most));
    if (read < joined.length) {
      batch.release(most + 2);
      return out.push(utf8.encode(joined + this.#ending));
    }
    let end = at + written;
    if (this.#ending.length > 1) memory[end++] = CR;
    memory[end++] = LF;
    batch.release(at + most + 2 - end);
    batch.flush(out);
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
