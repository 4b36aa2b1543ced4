/**
 * Requests of a grammar for the bytes of a stream.
 *
 * @module
 */
import { checkInteger, type EchopipeError } from "../errors.ts";
import type { InputBuffer } from "./input_buffer.ts";
import type { Reading, ReadRequest } from "./reading.ts";
import { encodeUtf8 } from "./utf8.ts";
import { Waiting } from "./waiting.ts";

/** Options of a request. */
export interface ReadOptions {
  /** The most bytes that the request may gather. Default: the limit of the decoder. */
  readonly limit?: number;
}

/** Byte order of a number; `big` is the network's. */
export type ByteOrder = "big" | "little";

const newline = Uint8Array.of(0x0a);
/** Number of bytes that are searched for the end of a line before the search is left to `indexOf`. */
const SHORT_LINE = 16;
/** The most digits of a number that is exact, less one. */
const MAX_DIGITS = 15;

/**
 * The bytes of a stream, as a grammar asks for them: `const size = yield* read.u32()`. Each request waits until its
 * bytes are there, and takes them off the stream. Where the stream ends before, the grammar is thrown an error of code
 * `truncated`. `yield*` a request where it is made: all requests share one result.
 *
 * Bytes are views wherever one read holds all of them. They are valid until the item that the grammar yields or returns
 * next has been consumed: whoever keeps them longer copies them.
 */
export class Reader {
  readonly #input: InputBuffer;
  readonly #limit: number;
  readonly #waiting: Waiting;
  readonly #request: ReadRequest;
  /** The last delimiter. */
  #delimiter = "\n";
  #mark: Uint8Array = newline;

  /** Makes a reader of the bytes of a decoder, with its limit. */
  constructor(input: InputBuffer, limit: number) {
    this.#input = input;
    this.#limit = limit;
    this.#waiting = new Waiting(input);
    this.#request = this.#waiting.request;
  }

  /** Position in the stream of the next byte, in bytes from its start. */
  get position(): number {
    return this.#input.position;
  }

  /** True at the end of the stream; false once there is another byte. */
  atEnd(): Reading<boolean> {
    return this.#input.available > 0 ? this.#request.result(false) : this.#waiting.forEnd();
  }

  /** The next byte, which stays on the stream. */
  peek(): Reading<number> {
    const { bytes, at } = this.#input;
    return at < bytes.length
      ? this.#request.result(bytes[at])
      : this.#waiting.forBytes(1, (input) => input.bytes[input.at]);
  }

  /** An unsigned integer of one byte. */
  u8(): Reading<number> {
    const { bytes, at } = this.#input;
    if (at === bytes.length) return this.#waiting.forBytes(1, (input) => input.bytes[input.at++]);
    this.#input.at++;
    return this.#request.result(bytes[at]);
  }

  /** An unsigned integer of two bytes. */
  u16(order: ByteOrder = "big"): Reading<number> {
    if (this.#input.available < 2) return this.#waiting.forBytes(2, (input) => input.take16(order));
    return this.#request.result(this.#input.take16(order));
  }

  /** An unsigned integer of four bytes. */
  u32(order: ByteOrder = "big"): Reading<number> {
    if (this.#input.available < 4) return this.#waiting.forBytes(4, (input) => input.take32(order));
    return this.#request.result(this.#input.take32(order));
  }

  /** So many bytes. Fails with `too-large` beyond the limit, before any of them are gathered. */
  exactly(count: number, { limit = this.#limit }: ReadOptions = {}): Reading<Uint8Array> {
    this.#check(count, limit);
    if (this.#input.available < count) return this.#waiting.forBytes(count, (input) => input.take(count));
    return this.#request.result(this.#input.take(count));
  }

  /** So many bytes as text, in strict UTF-8. Fails with `too-large` or `invalid-text`. */
  text(count: number, { limit = this.#limit }: ReadOptions = {}): Reading<string> {
    this.#check(count, limit);
    if (this.#input.available < count) return this.#waiting.forBytes(count, (input) => input.takeText(count));
    return this.#request.result(this.#input.takeText(count));
  }

  /** The bytes before a delimiter, which is taken, too. Fails with `too-large` if it is not within the limit. */
  until(delimiter: string | Uint8Array, { limit = this.#limit }: ReadOptions = {}): Reading<Uint8Array> {
    const mark = typeof delimiter === "string" ? this.#markOf(delimiter) : delimiter;
    checkInteger("the length of a delimiter", mark.length, 1, limit);
    const size = this.#input.sizeBefore(mark);
    if (size < 0 || size > limit) {
      return this.#waiting.forMark(mark, limit, (size) => this.#waiting.takeBefore(size, mark));
    }
    return this.#request.result(this.#waiting.takeBefore(size, mark));
  }

  /** A line as text, without its end: `\n` or `\r\n`. Fails with `too-large` or `invalid-text`. */
  line({ limit = this.#limit }: ReadOptions = {}): Reading<string> {
    const { bytes, at } = this.#input;
    // Most lines of protocols are short, and a loop finds their ends before a call of indexOf has begun.
    for (let end = at; end < bytes.length && end - at < SHORT_LINE && end - at <= limit; end++) {
      if (bytes[end] === 0x0a) return this.#request.result(this.#input.takeLine(end - at));
    }
    const size = this.#input.sizeBefore(newline);
    if (size < 0 || size > limit) return this.#waiting.forMark(newline, limit, (size) => this.#input.takeLine(size));
    return this.#request.result(this.#input.takeLine(size));
  }

  /**
   * An integer in decimal digits, as text protocols write it: `-12` before a delimiter, which is taken, too. Fails with
   * `protocol` for anything else, and beyond 2^53 - 1.
   */
  decimal(delimiter: string): Reading<number> {
    const mark = this.#markOf(delimiter);
    const { bytes, at } = this.#input;
    // Indices stay inside the bytes: one access beyond them, and the engine's code for all of them is slower.
    const last = Math.min(bytes.length - mark.length, at + MAX_DIGITS);
    let value = 0;
    let end = at;
    for (let digit; end < last && (digit = bytes[end] ^ 0x30) < 10; end++) value = value * 10 + digit;
    if (end === at || end > last || !this.#input.holds(mark, end)) return this.#waiting.forDecimal(mark);
    this.#input.at = end + mark.length;
    return this.#request.result(value);
  }

  /** A text that has to come next, in UTF-8. Fails with `protocol` at the first byte of another one. */
  literal(text: string): Reading<void> {
    const { bytes, at } = this.#input;
    if (text.length > bytes.length - at) return this.#waiting.forLiteral(text);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (bytes[at + i] !== code || code > 0x7f) return this.#waiting.forLiteral(text);
    }
    this.#input.at = at + text.length;
    return this.#request.result(undefined);
  }

  /** All bytes at hand: at least one, at most `max`. For contents of any length, piece by piece. */
  some(max: number = Infinity): Reading<Uint8Array> {
    const { available } = this.#input;
    if (available > 0) return this.#request.result(this.#input.take(Math.min(available, max)));
    return this.#waiting.forBytes(1, (input) => input.take(Math.min(input.available, max)));
  }

  /** All bytes up to the end of the stream. Fails with `too-large` beyond the limit. */
  rest({ limit = this.#limit }: ReadOptions = {}): Reading<Uint8Array> {
    return this.#waiting.forRest(limit);
  }

  /** Drops so many bytes, and gathers none of them. */
  skip(count: number): Reading<void> {
    return this.#waiting.skipping(this.#check(count, Infinity));
  }

  /**
   * Makes an error of code `protocol` that names the position, by default that of the next byte:
   * `throw read.fault("a length of -3", "0 or more")`.
   */
  fault(found: string, expected: string, position: number = this.position): EchopipeError {
    return this.#waiting.fault(found, expected, position);
  }

  /** A delimiter as bytes. Most grammars use the same one all the time. */
  #markOf(delimiter: string): Uint8Array {
    if (delimiter !== this.#delimiter) {
      this.#mark = encodeUtf8(delimiter);
      this.#delimiter = delimiter;
    }
    return this.#mark;
  }

  /** Returns a number of bytes after checking it. */
  #check(count: number, limit: number): number {
    if (!(count >= 0)) throw this.fault(`a length of ${count}`, "0 or more");
    if (count > limit) throw this.#waiting.tooLarge(count, limit);
    return count;
  }
}
