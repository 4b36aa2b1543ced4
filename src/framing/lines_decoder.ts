/**
 * Decodes lines of text, a read at a time.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import { printable } from "../printable.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { Gather } from "./gather.ts";
import { decodeUtf8, utf8Length } from "./utf8.ts";

const LF = 0x0a;
const CR = 0x0d;

/**
 * Decodes lines. All complete lines of a read are decoded by one call, then split: no character of UTF-8 contains the
 * byte of a line feed, so that the result is the same as line by line.
 *
 * ```text
 * read:   ...two\nthree\nfour\nfi
 *         -----| the held line ends here: decoded by itself
 *               ------------| complete lines: decoded together
 *                            -- held until its end arrives
 * ```
 */
export class LinesDecoder<T> extends Stage<Uint8Array, T> {
  readonly #limit: number;
  readonly #parse: ((line: string) => T | undefined) | undefined;
  /** The beginning of a line whose end has not arrived. */
  readonly #held = new Gather();
  /** Position in the stream of the first line that was not emitted. */
  #position = 0;

  /**
   * Makes a decoder of lines of at most `limit` bytes. `parse` makes an item of a line, or undefined for a line that is to
   * be skipped; what it throws becomes a `protocol` error.
   */
  constructor(limit: number, parse?: (line: string) => T | undefined) {
    super();
    this.#limit = limit;
    this.#parse = parse;
  }

  /** A line was begun, and waits for more bytes. */
  override get begun(): boolean {
    return this.#held.length > 0;
  }

  push(bytes: Uint8Array, out: Output<T>): void {
    let start = 0;
    if (this.#held.length > 0) {
      start = bytes.indexOf(LF) + 1;
      this.#hold(bytes, 0, start > 0 ? start : bytes.length);
      if (start === 0) return;
      this.#emitHeld(out);
    }
    const end = bytes.lastIndexOf(LF) + 1;
    if (end > start) this.#emit(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), out);
    if (end < bytes.length) this.#hold(bytes, Math.max(start, end), bytes.length);
  }

  override end(out: Output<T>): void {
    if (this.#held.length > 0) this.#emitHeld(out);
  }

  #hold(bytes: Uint8Array, start: number, end: number): void {
    this.#held.add(bytes, start, end);
    this.#check(this.#held.memory, 0, this.#held.length);
  }

  #emitHeld(out: Output<T>): void {
    this.#emit(this.#held.memory.subarray(0, this.#held.length), out);
    this.#held.clear();
  }

  /** Emits all lines in `bytes`; only at the end of the stream has the last one no end. */
  #emit(bytes: Uint8Array, out: Output<T>): void {
    const text = this.#decode(bytes, out);
    // Of ASCII, a UTF-16 unit is one byte; of any other text, at most three.
    const safe = text.length === bytes.length ? this.#limit : this.#limit / 3;
    const returns = text.includes("\r");
    const lines = text.split("\n");
    const ended = lines.at(-1) === "" ? lines.length - 1 : lines.length - 2;
    if (ended === lines.length - 1) lines.pop();
    for (let i = 0; i < lines.length; i++) {
      const line = returns && i <= ended && lines[i].endsWith("\r") ? lines[i].slice(0, -1) : lines[i];
      if (line.length > safe) this.#checkText(line, bytes, i);
      const item = this.#parse === undefined ? line as T : this.#parseLine(line, bytes, i);
      if (item !== undefined) out.push(item);
    }
    this.#position += bytes.length;
  }

  /** Decodes whole lines. Where they are not UTF-8, emits those before the first that is not, then throws. */
  #decode(bytes: Uint8Array, out: Output<T>): string {
    try {
      return decodeUtf8(bytes, this.#position);
    } catch (error) {
      const invalid = (error as EchopipeError).position! - this.#position;
      const start = invalid === 0 ? 0 : bytes.lastIndexOf(LF, invalid - 1) + 1;
      if (start > 0) this.#emit(bytes.subarray(0, start), out);
      const end = bytes.indexOf(LF, start) + 1 || bytes.length;
      this.#check(bytes, start, end);
      throw error;
    }
  }

  /** The item of line `i` of `bytes`. */
  #parseLine(line: string, bytes: Uint8Array, i: number): T | undefined {
    try {
      return this.#parse!(line);
    } catch (error) {
      const position = this.#position + startOfLine(bytes, i);
      throw new EchopipeError(
        "protocol",
        `Cannot read the line at byte ${position} of the stream: ${printable(messageOf(error))}`,
        { position, received: line.length },
      );
    }
  }

  /** Checks the length of line `i` of `bytes`. */
  #checkText(line: string, bytes: Uint8Array, i: number): void {
    const length = utf8Length(line);
    if (length > this.#limit) throw this.#tooLarge(length, this.#position + startOfLine(bytes, i));
  }

  /** Checks the length of the line from `start` to `end`, which may be incomplete. */
  #check(bytes: Uint8Array, start: number, end: number): void {
    let length = end - start;
    if (length <= this.#limit) return;
    if (bytes[end - 1] === LF) length--;
    if (bytes[start + length - 1] === CR) length--; // part of the line's end, or may become one
    if (length > this.#limit) throw this.#tooLarge(length, this.#position);
  }

  #tooLarge(received: number, position: number): EchopipeError {
    return new EchopipeError(
      "too-large",
      `Cannot read the line at byte ${position} of the stream: ${received} bytes of it have arrived; ` +
        `expected at most ${this.#limit}`,
      { position, received, limit: this.#limit },
    );
  }
}

/** Index of the first byte of line `i`. */
function startOfLine(bytes: Uint8Array, i: number): number {
  let start = 0;
  for (; i > 0; i--) start = bytes.indexOf(LF, start) + 1;
  return start;
}
