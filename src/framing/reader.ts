/**
 * Requests of a grammar for the bytes of a stream.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import type { InputBuffer } from "./input_buffer.ts";
import { needMore, type Reading, Ready } from "./reading.ts";
import { encodeUtf8 } from "./utf8.ts";

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
  readonly #ready = new Ready();
  /** The last delimiter. */
  #delimiter = "\n";
  #mark: Uint8Array = newline;

  /** Makes a reader of the bytes of a decoder, with its limit. */
  constructor(input: InputBuffer, limit: number) {
    this.#input = input;
    this.#limit = limit;
  }

  /** Position in the stream of the next byte, in bytes from its start. */
  get position(): number {
    return this.#input.position;
  }

  /** True at the end of the stream; false once there is another byte. */
  atEnd(): Reading<boolean> {
    return this.#input.available > 0 ? this.#ready.with(false) : this.#waitForEnd();
  }

  /** The next byte, which stays on the stream. */
  peek(): Reading<number> {
    const { bytes, at } = this.#input;
    return at < bytes.length ? this.#ready.with(bytes[at]) : this.#wait(1, (input) => input.bytes[input.at]);
  }

  /** An unsigned integer of one byte. */
  u8(): Reading<number> {
    const { bytes, at } = this.#input;
    if (at === bytes.length) return this.#wait(1, (input) => input.bytes[input.at++]);
    this.#input.at++;
    return this.#ready.with(bytes[at]);
  }

  /** An unsigned integer of two bytes. */
  u16(order: ByteOrder = "big"): Reading<number> {
    if (this.#input.available < 2) return this.#wait(2, (input) => input.take16(order));
    return this.#ready.with(this.#input.take16(order));
  }

  /** An unsigned integer of four bytes. */
  u32(order: ByteOrder = "big"): Reading<number> {
    if (this.#input.available < 4) return this.#wait(4, (input) => input.take32(order));
    return this.#ready.with(this.#input.take32(order));
  }

  /** So many bytes. Fails with `too-large` beyond the limit, before any of them are gathered. */
  exactly(count: number, { limit = this.#limit }: ReadOptions = {}): Reading<Uint8Array> {
    this.#check(count, limit);
    if (this.#input.available < count) return this.#wait(count, (input) => input.take(count));
    return this.#ready.with(this.#input.take(count));
  }

  /** So many bytes as text, in strict UTF-8. Fails with `too-large` or `invalid-text`. */
  text(count: number, { limit = this.#limit }: ReadOptions = {}): Reading<string> {
    this.#check(count, limit);
    if (this.#input.available < count) return this.#wait(count, (input) => input.takeText(count));
    return this.#ready.with(this.#input.takeText(count));
  }

  /** The bytes before a delimiter, which is taken, too. Fails with `too-large` if it is not within the limit. */
  until(delimiter: string | Uint8Array, { limit = this.#limit }: ReadOptions = {}): Reading<Uint8Array> {
    const mark = typeof delimiter === "string" ? this.#markOf(delimiter) : delimiter;
    checkInteger("the length of a delimiter", mark.length, 1, limit);
    const size = this.#input.sizeBefore(mark);
    if (size < 0 || size > limit) return this.#gatherUntil(mark, limit);
    const bytes = this.#input.take(size);
    this.#input.at += mark.length;
    return this.#ready.with(bytes);
  }

  /** A line as text, without its end: `\n` or `\r\n`. Fails with `too-large` or `invalid-text`. */
  line({ limit = this.#limit }: ReadOptions = {}): Reading<string> {
    const { bytes, at } = this.#input;
    // Most lines of protocols are short, and a loop finds their ends before a call of indexOf has begun.
    for (let end = at; end < bytes.length && end - at < SHORT_LINE && end - at <= limit; end++) {
      if (bytes[end] === 0x0a) return this.#ready.with(this.#input.takeLine(end - at));
    }
    const size = this.#input.sizeBefore(newline);
    return size < 0 || size > limit ? this.#gatherLine(limit) : this.#ready.with(this.#input.takeLine(size));
  }

  /** All bytes at hand: at least one, at most `max`. For contents of any length, piece by piece. */
  some(max: number = Infinity): Reading<Uint8Array> {
    const { available } = this.#input;
    if (available > 0) return this.#ready.with(this.#input.take(Math.min(available, max)));
    return this.#wait(1, (input) => input.take(Math.min(input.available, max)));
  }

  /** All bytes up to the end of the stream. Fails with `too-large` beyond the limit. */
  *rest({ limit = this.#limit }: ReadOptions = {}): Reading<Uint8Array> {
    for (;;) {
      this.#check(this.#input.available, limit);
      if (this.#input.refill(Infinity)) continue;
      if (this.#input.ended) return this.#input.take(this.#input.available);
      yield needMore;
    }
  }

  /** Drops so many bytes, and gathers none of them. */
  *skip(count: number): Reading<void> {
    for (let left = this.#check(count, Infinity); left > 0;) left -= (yield* this.some(left)).length;
  }

  /** Makes an error of code `protocol` with the position: `throw read.fault("a length of -3", "0 or more")`. */
  fault(found: string, expected: string): EchopipeError {
    const { position } = this;
    const message = `Cannot decode: found ${found} before byte ${position} of the stream; expected ${expected}`;
    return new EchopipeError("protocol", message, { position, received: found, expected });
  }

  /** A delimiter as bytes. Most grammars use the same one all the time. */
  #markOf(delimiter: string): Uint8Array {
    if (delimiter !== this.#delimiter) {
      this.#mark = encodeUtf8(delimiter);
      this.#delimiter = delimiter;
    }
    return this.#mark;
  }

  *#waitForEnd(): Reading<boolean> {
    while (!this.#input.hasMore()) {
      if (this.#input.ended) return true;
      yield needMore;
    }
    return false;
  }

  /** Waits until so many bytes are at hand, and takes the result. */
  *#wait<T>(count: number, take: (input: InputBuffer) => T): Reading<T> {
    const input = this.#input;
    while (input.available < count) {
      if (input.refill(count)) continue;
      if (input.ended) throw this.#truncated(count);
      yield needMore;
    }
    return take(input);
  }

  *#gatherUntil(mark: Uint8Array, limit: number): Reading<Uint8Array> {
    const size = yield* this.#find(mark, limit);
    const bytes = this.#input.take(size);
    this.#input.at += mark.length;
    return bytes;
  }

  *#gatherLine(limit: number): Reading<string> {
    return this.#input.takeLine(yield* this.#find(newline, limit));
  }

  /** The number of bytes before a mark. Bytes that were searched are not searched again. */
  *#find(mark: Uint8Array, limit: number): Reading<number> {
    const input = this.#input;
    for (let clear = 0;;) { // so many bytes do not contain the mark
      const size = input.sizeBefore(mark, clear);
      clear = size < 0 ? Math.max(0, input.available - mark.length + 1) : size;
      if (clear > limit) throw this.#tooLarge(clear, limit);
      if (size >= 0) return size;
      if (input.refill(input.available + 1)) continue;
      if (input.ended) throw this.#truncated(JSON.stringify(String.fromCharCode(...mark)));
      yield needMore;
    }
  }

  /** Returns a number of bytes after checking it. */
  #check(count: number, limit: number): number {
    if (!(count >= 0)) throw this.fault(`a length of ${count}`, "0 or more");
    if (count > limit) throw this.#tooLarge(count, limit);
    return count;
  }

  #tooLarge(received: number, limit: number): EchopipeError {
    const { position } = this;
    const message = `Cannot decode: found ${received} bytes or more at byte ${position} of the stream; ` +
      `expected at most ${limit}`;
    return new EchopipeError("too-large", message, { position, received, limit });
  }

  #truncated(expected: number | string): EchopipeError {
    const { position, available: received } = this.#input;
    const what = typeof expected === "number" ? `${expected} bytes` : expected;
    const message = `Cannot decode: the stream ended ${received} bytes after byte ${position}; expected ${what}`;
    return new EchopipeError("truncated", message, { position: position + received, received, expected });
  }
}
