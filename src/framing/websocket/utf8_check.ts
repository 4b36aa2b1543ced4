/**
 * A check of UTF-8 that arrives in pieces.
 *
 * @module
 */

/** Checks UTF-8 (RFC 3629, 4) piece by piece, and fails at the first byte that cannot be part of it. */
export class Utf8Check {
  /** Bytes that the character is still to have. */
  #missing = 0;
  /** Bounds of its next byte, both inclusive. */
  #low = 0x80;
  #high = 0xbf;

  /** True between characters: the text may end here. */
  get complete(): boolean {
    return this.#missing === 0;
  }

  /** The index of the first byte that is wrong; -1: none is. */
  take(bytes: Uint8Array, start: number, end: number): number {
    for (let i = start; i < end; i++) {
      const byte = bytes[i];
      if (this.#missing === 0) {
        if (byte >= 0x80 && !this.#begin(byte)) return i;
      } else {
        if (byte < this.#low || byte > this.#high) return i;
        this.#missing--;
        this.#low = 0x80;
        this.#high = 0xbf;
      }
    }
    return -1;
  }

  /** Begins a character of several bytes. The bounds of the second leave out overlong forms, surrogates, and too high ones. */
  #begin(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte === 0xe0) this.#low = 0xa0;
    else if (byte === 0xed) this.#high = 0x9f;
    else if (byte === 0xf0) this.#low = 0x90;
    else if (byte === 0xf4) this.#high = 0x8f;
    return true;
  }
}
