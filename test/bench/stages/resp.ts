/**
 * RESP, the protocol of Redis, as a grammar and written by hand: requests, which are arrays of bulk strings.
 *
 * @module
 */
import { decoder, EchopipeError, type Output, Stage } from "echopipe";

/** A request: its words. */
export type Words = Uint8Array[];

/** The most bytes of a word. */
const MAX_WORD = 512 * 1024;

/** A decoder of requests as a grammar. */
export function byGrammar(): Stage<Uint8Array, Words> {
  return decoder(function* (read) {
    const words: Words = [];
    yield* read.literal("*");
    for (let left = yield* read.decimal("\r\n"); left > 0; left--) {
      yield* read.literal("$");
      words.push(yield* read.exactly(yield* read.decimal("\r\n")));
      yield* read.literal("\r\n");
    }
    return words;
  }, { limit: MAX_WORD });
}

/** A decoder of requests as one writes it by hand: an index, a loop, and what is left is joined to the next read. */
export class ByHand extends Stage<Uint8Array, Words> {
  #left: Uint8Array = new Uint8Array(0);
  #position = 0;
  #at = 0;

  push(read: Uint8Array, out: Output<Words>): void {
    let bytes = read;
    if (this.#left.length > 0) {
      bytes = new Uint8Array(this.#left.length + read.length);
      bytes.set(this.#left);
      bytes.set(read, this.#left.length);
    }
    this.#at = 0;
    let begin = 0;
    for (let words; (words = this.#words(bytes)) !== undefined; begin = this.#at) out.push(words);
    this.#left = bytes.slice(begin);
    this.#position += begin;
  }

  override end(): void {
    if (this.#left.length > 0) throw new EchopipeError("truncated", `Cannot decode: the stream ended inside a request`);
  }

  /** The next request; undefined: it is not complete. */
  #words(bytes: Uint8Array): Words | undefined {
    if (this.#at >= bytes.length) return undefined;
    const count = this.#count(bytes, 0x2a);
    if (count < 0) return undefined;
    const words: Words = [];
    for (let i = 0; i < count; i++) {
      const size = this.#count(bytes, 0x24);
      if (size < 0 || this.#at + size + 2 > bytes.length) return undefined;
      words.push(bytes.subarray(this.#at, this.#at + size));
      this.#at += size + 2;
    }
    return words;
  }

  /** A number behind its type; -1: it is not complete. */
  #count(bytes: Uint8Array, type: number): number {
    if (this.#at < bytes.length && bytes[this.#at] !== type) {
      throw new EchopipeError("protocol", `Cannot decode: the type ${bytes[this.#at]} at byte ${this.#position}`);
    }
    let value = 0;
    for (let at = this.#at + 1; at + 1 < bytes.length; at++) {
      if (bytes[at] === 0x0d) {
        if (value > MAX_WORD) throw new EchopipeError("too-large", `Cannot decode: found a size of ${value}`);
        this.#at = at + 2;
        return value;
      }
      value = value * 10 + bytes[at] - 0x30;
    }
    return -1;
  }
}
