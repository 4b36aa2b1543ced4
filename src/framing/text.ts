/**
 * Bytes and text, in strict UTF-8.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import type { Codec } from "./framing.ts";
import { wrongItem } from "../stage/items.ts";
import { decodeUtf8, encodeUtf8, incompleteTail } from "./utf8.ts";

class DecodeText extends Stage<Uint8Array, string> {
  /** The first bytes of an incomplete character. */
  #tail = new Uint8Array(0);
  /** Position of the tail in the stream. */
  #position = 0;

  push(bytes: Uint8Array, out: Output<string>): void {
    let joined = bytes;
    if (this.#tail.length > 0) {
      joined = new Uint8Array(this.#tail.length + bytes.length);
      joined.set(this.#tail);
      joined.set(bytes, this.#tail.length);
    }
    const end = joined.length - incompleteTail(joined);
    const text = decodeUtf8(joined.subarray(0, end), this.#position);
    this.#tail = joined.slice(end);
    this.#position += end;
    if (text !== "") out.push(text);
  }

  override end(): void {
    if (this.#tail.length === 0) return;
    throw new EchopipeError(
      "invalid-text",
      `Cannot decode text: the stream ended inside the character at byte ${this.#position}`,
      { position: this.#position, received: this.#tail.length },
    );
  }
}

class EncodeText extends Stage<string, Uint8Array<ArrayBuffer>> {
  /** The first half of an incomplete surrogate pair. */
  #half = "";

  push(text: string, out: Output<Uint8Array<ArrayBuffer>>): void {
    if (typeof text !== "string") throw wrongItem(text, "a string");
    let joined = this.#half + text;
    this.#half = "";
    if (/[\ud800-\udbff]$/.test(joined)) {
      this.#half = joined.slice(-1);
      joined = joined.slice(0, -1);
    }
    if (joined !== "") out.push(encodeUtf8(joined));
  }

  override end(): void {
    if (this.#half !== "") encodeUtf8(this.#half); // throws
  }
}

/**
 * A codec of text without lines: the pieces that arrive, as strings. Characters may be split anywhere, surrogate pairs
 * between two items.
 *
 * The text is strict UTF-8 (RFC 3629): the decoder throws `invalid-text`, with the position, for anything else and for an
 * end inside a character, and keeps a byte order mark; the encoder throws it for half a surrogate pair.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { text } from "echopipe";
 *
 * const euro = [Uint8Array.of(0xe2), Uint8Array.of(0x82, 0xac)];
 * assert.deepEqual(await Array.fromAsync(text().decoder.over(euro)), ["€"]);
 * assert.deepEqual(await Array.fromAsync(text().encoder.over(["€"])), [Uint8Array.of(0xe2, 0x82, 0xac)]);
 * ```
 */
export function text(): Codec<string> {
  return { decoder: new DecodeText(), encoder: new EncodeText() };
}
