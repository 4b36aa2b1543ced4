/**
 * Requests that have to wait for bytes.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { InputBuffer } from "./input_buffer.ts";
import { type NeedMore, needMore, type Reading, ReadRequest } from "./reading.ts";
import { encodeUtf8 } from "./utf8.ts";

/** The longest text of an integer, in bytes: "-9007199254740991" and some leading zeros. */
const MAX_DECIMAL = 20;

/** The requests of a reader that the bytes at hand do not satisfy, and their errors. */
export class Waiting {
  /** The request that was made last. */
  readonly request: ReadRequest = new ReadRequest();
  readonly #input: InputBuffer;

  /** Makes the requests for the bytes of a decoder. */
  constructor(input: InputBuffer) {
    this.#input = input;
  }

  /** Waits until so many bytes are at hand, then takes the result. */
  forBytes<T>(count: number, take: (input: InputBuffer) => T): Reading<T> {
    const input = this.#input;
    return this.request.wait(() => {
      while (input.available < count) if (!input.refill(count)) return this.needMore(count);
      return take(input);
    });
  }

  /** Waits for a mark, then takes the bytes before it. Bytes that were searched are not searched again. */
  forMark<T>(mark: Uint8Array, limit: number, take: (size: number) => T): Reading<T> {
    const input = this.#input;
    let clear = 0; // so many bytes do not contain the mark
    return this.request.wait(() => {
      for (;;) {
        const size = input.sizeBefore(mark, clear);
        clear = size < 0 ? Math.max(clear, input.available - mark.length + 1) : size;
        if (clear > limit) throw this.tooLarge(clear, limit);
        if (size >= 0) return take(size);
        if (!input.refill(input.available + 1)) return this.needMore(JSON.stringify(String.fromCharCode(...mark)));
      }
    });
  }

  /** Takes the bytes before a delimiter, and the delimiter. */
  takeBefore(size: number, mark: Uint8Array): Uint8Array {
    const bytes = this.#input.take(size);
    this.#input.at += mark.length;
    return bytes;
  }

  /** Waits for a delimiter, and takes the integer before it. */
  forDecimal(mark: Uint8Array): Reading<number> {
    const { position } = this.#input;
    return this.forMark(mark, MAX_DECIMAL, (size) => {
      const text = String.fromCharCode(...this.takeBefore(size, mark));
      const value = Number(text);
      if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
      throw this.fault(JSON.stringify(text), "an integer in decimal digits", position);
    });
  }

  /** Compares bytes with a text as they come. */
  forLiteral(text: string): Reading<void> {
    const bytes = encodeUtf8(text);
    let matched = 0;
    return this.request.wait(() => {
      for (; matched < bytes.length; matched++) {
        if (!this.#input.hasMore()) return this.needMore(JSON.stringify(text));
        const found = this.#input.bytes[this.#input.at];
        if (found !== bytes[matched]) throw this.fault(`the byte 0x${found.toString(16)}`, JSON.stringify(text));
        this.#input.at++;
      }
    });
  }

  /** Waits for a byte or the end. */
  forEnd(): Reading<boolean> {
    return this.request.wait(() => {
      const isMore = this.#input.hasMore();
      this.#input.betweenItems = !isMore && !this.#input.ended;
      return this.#input.betweenItems ? needMore : !isMore;
    });
  }

  /** Waits for the end, and takes all bytes before it. */
  forRest(limit: number): Reading<Uint8Array> {
    return this.request.wait(() => {
      while (this.#input.refill(Infinity));
      const { available } = this.#input;
      if (available > limit) throw this.tooLarge(available, limit);
      return this.#input.ended ? this.#input.take(available) : needMore;
    });
  }

  /** Drops bytes as they come. */
  skipping(count: number): Reading<void> {
    let left = count;
    return this.request.wait(() => {
      while (left > 0) {
        if (!this.#input.hasMore()) return this.needMore(left);
        const dropped = Math.min(left, this.#input.available);
        this.#input.at += dropped;
        left -= dropped;
      }
    });
  }

  /** Says that more bytes are needed. Fails with `truncated` at the end of the stream, where none come. */
  needMore(expected: number | string): NeedMore {
    if (!this.#input.ended) return needMore;
    const { position, available: received } = this.#input;
    const what = typeof expected === "number" ? `${expected} bytes` : expected;
    const message = `Cannot decode: the stream ended ${received} bytes after byte ${position}; expected ${what}`;
    throw new EchopipeError("truncated", message, { position: position + received, received, expected });
  }

  /** Makes the error of bytes that the protocol does not allow. */
  fault(found: string, expected: string, position: number = this.#input.position): EchopipeError {
    const message = `Cannot decode: found ${found} at byte ${position} of the stream; expected ${expected}`;
    return new EchopipeError("protocol", message, { position, received: found, expected });
  }

  /** Makes the error of a request beyond its limit. */
  tooLarge(received: number, limit: number): EchopipeError {
    const { position } = this.#input;
    const message = `Cannot decode: found ${received} bytes or more at byte ${position} of the stream; ` +
      `expected at most ${limit}`;
    return new EchopipeError("too-large", message, { position, received, limit });
  }
}
