/**
 * A check of UTF-8 that arrives in pieces.
 *
 * @module
 */

/** From this length on a view of words pays. */
const MIN_WORDS = 64;
const NO_WORDS = new Uint32Array(0);

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
    let at = start;
    while (this.#missing > 0 && at < end) {
      if (!this.#continue(bytes[at])) return at;
      at++;
    }
    const from = start + (-(bytes.byteOffset + start) & 3);
    const words = end - from >= MIN_WORDS
      ? new Uint32Array(bytes.buffer, bytes.byteOffset + from, end - from >>> 2)
      : NO_WORDS;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte < 0x80) {
        if ((at - from & 3) === 0) at = afterAscii(words, from, at);
        continue;
      }
      // Characters of two bytes, and of three without bounds of their own, are checked without a state.
      if (byte >= 0xc2 && byte < 0xe0 && at + 1 < end && isTail(bytes[at + 1])) at += 1;
      else if (byte > 0xe0 && byte < 0xed && at + 2 < end && isTail(bytes[at + 1]) && isTail(bytes[at + 2])) at += 2;
      else if (!this.#begin(byte)) return at;
      else {
        while (this.#missing > 0 && at + 1 < end) {
          if (!this.#continue(bytes[++at])) return at;
        }
      }
    }
    return -1;
  }

  /** Takes the next byte of a character. */
  #continue(byte: number): boolean {
    if (byte < this.#low || byte > this.#high) return false;
    this.#missing--;
    this.#low = 0x80;
    this.#high = 0xbf;
    return true;
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

function isTail(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Skips ASCII, a word at a time: the index of the last byte of it. `from`: the index of the first word. */
function afterAscii(words: Uint32Array, from: number, at: number): number {
  let word = at - from >> 2;
  while (word < words.length && (words[word] & 0x80808080) === 0) word++;
  return Math.max(at, from + word * 4 - 1);
}
