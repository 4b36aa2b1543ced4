/**
 * Messages that end with a delimiter.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { Batch } from "./batch.ts";
import { Delimiter } from "./delimiter.ts";
import type { Codec } from "./framing.ts";
import { Gather } from "./gather.ts";
import { checkBytes } from "../stage/items.ts";
import { tooLargeToSend } from "./too_large.ts";
import { DEFAULT_MESSAGE_LIMIT } from "./messages.ts";

/** The options of {@linkcode delimited}. */
export interface DelimitedOptions {
  /** The longest message in bytes, without its delimiter, in both directions: 0 to 2^30 - 1. Default 1,048,576 (1 MiB). */
  readonly limit?: number;
}

class DelimitedDecoder extends Stage<Uint8Array, Uint8Array> {
  readonly #delimiter: Delimiter;
  readonly #limit: number;
  /** The beginning of a message whose delimiter has not arrived. */
  readonly #held = new Gather();
  /** Position in the stream of the bytes at hand. */
  #position = 0;

  constructor(delimiter: Delimiter, limit: number) {
    super();
    this.#delimiter = delimiter;
    this.#limit = limit;
  }

  /** A message was begun, and waits for more bytes. */
  override get begun(): boolean {
    return this.#held.length > 0;
  }

  push(bytes: Uint8Array, out: Output<Uint8Array>): void {
    const delimiter = this.#delimiter;
    let start = this.#held.length > 0 ? this.#endHeld(bytes, out) : 0;
    for (let end; (end = delimiter.find(bytes, start)) >= 0; start = end + delimiter.length) {
      this.#check(end - start, start);
      out.push(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
    }
    if (start < bytes.length) this.#held.add(bytes, start, bytes.length);
    // The last bytes may be the beginning of the delimiter.
    this.#check(this.#held.length - delimiter.length + 1, bytes.length - this.#held.length);
    this.#position += bytes.length;
  }

  override end(): void {
    const { length } = this.#held;
    if (length === 0) return;
    throw new EchopipeError(
      "truncated",
      `Cannot read a message: the stream ended at byte ${this.#position}, after ${length} bytes of it; ` +
        "expected its delimiter",
      { position: this.#position, received: length },
    );
  }

  /** Looks for the delimiter of the held message; returns the index after it, or of the end of `bytes`. */
  #endHeld(bytes: Uint8Array, out: Output<Uint8Array>): number {
    const held = this.#held;
    const { length } = this.#delimiter;
    const before = held.length;
    // A delimiter may begin in the held bytes: a few more of the new ones complete it.
    let end = Math.min(length - 1, bytes.length);
    held.add(bytes, 0, end);
    let found = this.#delimiter.find(held.memory, Math.max(0, before - length + 1), held.length);
    if (found < 0) {
      const at = this.#delimiter.find(bytes, 0);
      const to = at < 0 ? bytes.length : at + length;
      held.add(bytes, end, to);
      end = to;
      if (at < 0) return end; // the caller checks what is held
      found = held.length - length;
    } else {
      end = found + length - before;
    }
    this.#check(found, -before);
    held.length = found;
    out.push(held.take());
    return end;
  }

  /** Checks the length of a message; `at` is the index of its first byte in the bytes at hand. */
  #check(received: number, at: number): void {
    if (received <= this.#limit) return;
    const position = this.#position + at;
    throw new EchopipeError(
      "too-large",
      `Cannot read the message at byte ${position} of the stream: ${received} bytes of it have arrived; ` +
        `expected at most ${this.#limit}`,
      { position, received, limit: this.#limit },
    );
  }
}

class DelimitedEncoder extends Stage<Uint8Array, Uint8Array<ArrayBuffer>> {
  readonly #delimiter: Delimiter;
  readonly #limit: number;
  readonly #batch = new Batch();

  constructor(delimiter: Delimiter, limit: number) {
    super();
    this.#delimiter = delimiter;
    this.#limit = limit;
  }

  push(item: Uint8Array, out: Output<Uint8Array<ArrayBuffer>>): void {
    checkBytes(item);
    if (item.length > this.#limit) throw tooLargeToSend("message", item.length, this.#limit);
    if (this.#delimiter.endsInside(item)) {
      throw new EchopipeError(
        "invalid-argument",
        "Cannot send a message: it contains the delimiter; expected it after the message only",
      );
    }
    this.#batch.add(item, out);
    this.#batch.add(this.#delimiter.bytes, out);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#batch.flush(out);
  }
}

/**
 * A codec of messages that each end with a delimiter, such as `"\0"`; without it, they are `Uint8Array`s. They are views,
 * valid until the handler's `push` is done: to keep one, copy it with `slice()`.
 *
 * The decoder throws `too-large` as soon as a message exceeds the limit, and `truncated` where the stream ends inside one.
 * The encoder throws `invalid-argument` for an item that is not a `Uint8Array` or contains the delimiter, and `too-large`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { delimited } from "echopipe";
 *
 * const { decoder } = delimited("\r\n.\r\n");
 * const reads = ["one\r\n.\r", "\ntwo\r\n.\r\n"].map((text) => new TextEncoder().encode(text));
 * const texts = await Array.fromAsync(decoder.over(reads), (message) => new TextDecoder().decode(message));
 * assert.deepEqual(texts, ["one", "two"]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for an empty delimiter, or a limit out of its range
 */
export function delimited(
  delimiter: string | Uint8Array,
  { limit = DEFAULT_MESSAGE_LIMIT }: DelimitedOptions = {},
): Codec<Uint8Array> {
  checkInteger("limit", limit, 0, 2 ** 30 - 1);
  const made = new Delimiter(delimiter);
  return { decoder: new DelimitedDecoder(made, limit), encoder: new DelimitedEncoder(made, limit) };
}
