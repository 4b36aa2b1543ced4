/**
 * Detection of HTTP among lines of text.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
/** Pattern of an HTTP version, with 0 for any digit (RFC 9112, 2.3). */
const VERSION = "HTTP/0.0";

/**
 * Detects a request line of HTTP as the first line of a stream: `method SP request-target SP HTTP-version` (RFC 9112,
 * 3). Any web page can make a browser send one to any port, followed by lines of the page's choice.
 *
 * The line may be of any length, and split anywhere: none of its bytes are kept.
 */
export class RequestLine {
  /** Spaces so far. */
  #spaces = 0;
  /** Bytes since the last space. */
  #length = 0;

  /** Reads the next bytes of the stream. True and false are final; undefined: more bytes are needed. */
  take(bytes: Uint8Array): boolean | undefined {
    for (const byte of bytes) {
      const verdict = this.#takeByte(byte);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  #takeByte(byte: number): boolean | undefined {
    const complete = this.#spaces === 2 && this.#length === VERSION.length;
    if (byte === LF) return complete;
    if (complete) return byte === CR ? undefined : false;
    if (byte === SPACE) {
      if (this.#length === 0 || this.#spaces === 2) return false;
      this.#spaces++;
      this.#length = 0;
      return undefined;
    }
    if (byte < SPACE) return false;
    if (this.#spaces === 2 && !this.#isOfVersion(byte)) return false;
    this.#length++;
    return undefined;
  }

  #isOfVersion(byte: number): boolean {
    const expected = VERSION[this.#length];
    return expected === "0" ? byte >= 0x30 && byte <= 0x39 : byte === expected.charCodeAt(0);
  }
}

/** The failure of lines whose first is an HTTP request. */
export function httpFound(): EchopipeError {
  return new EchopipeError("protocol", "Cannot read lines: the first is an HTTP request", {
    position: 0,
    received: "HTTP",
    expected: "text",
  });
}
