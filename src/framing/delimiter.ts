/**
 * The bytes that end a message.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { encodeUtf8 } from "./utf8.ts";

/** A sequence of bytes to look for. */
export class Delimiter {
  /** The sequence. */
  readonly bytes: Uint8Array;
  /** Its length in bytes. */
  readonly length: number;
  /** Its beginnings after which it can begin anew before it is complete, as `aa` can after `a`. */
  readonly #overlaps: readonly Uint8Array[];

  /** Makes a delimiter; a string is UTF-8. Throws `invalid-argument` for one of no bytes, or of more than 255. */
  constructor(delimiter: string | Uint8Array) {
    const isValid = typeof delimiter === "string" || delimiter instanceof Uint8Array;
    const bytes = typeof delimiter === "string"
      ? encodeUtf8(delimiter)
      : isValid
      ? delimiter.slice()
      : new Uint8Array(0);
    if (bytes.length === 0 || bytes.length > 255) {
      throw new EchopipeError(
        "invalid-argument",
        `Cannot use a delimiter of ${isValid ? `${bytes.length} bytes` : `type ${typeof delimiter}`}: ` +
          "expected a string or a Uint8Array of 1 to 255 bytes",
      );
    }
    this.bytes = bytes;
    this.length = bytes.length;
    this.#overlaps = Array.from(bytes.subarray(1), (_, i) => i + 1)
      .filter((size) => this.#isAt(bytes.subarray(size), 0, bytes.length - size))
      .map((size) => bytes.subarray(0, size));
  }

  /** The index of the first whole delimiter from `start` on and before `end`; -1: there is none. */
  find(bytes: Uint8Array, start: number, end: number = bytes.length): number {
    for (let at = start; (at = bytes.indexOf(this.bytes[0], at)) >= 0; at++) {
      if (at + this.length > end) return -1;
      if (this.#isAt(bytes, at, this.length)) return at;
    }
    return -1;
  }

  /** True where a message, with the delimiter behind it, would end too early. */
  endsInside(message: Uint8Array): boolean {
    if (this.find(message, 0) >= 0) return true;
    return this.#overlaps.some((part) => {
      const at = message.length - part.length;
      return at >= 0 && part.every((byte, i) => message[at + i] === byte);
    });
  }

  #isAt(bytes: Uint8Array, at: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (bytes[at + i] !== this.bytes[i]) return false;
    return true;
  }
}
