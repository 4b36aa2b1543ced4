/**
 * Text before the first message of a server.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";

const NEWLINE = 0x0a;

/**
 * Skips the lines of text before the first message. A server that detects the framing asks in plain text where it has
 * received nothing for half a second, such as a hello that came late; its first message follows behind.
 */
export class SkipText extends Stage<Uint8Array, Uint8Array> {
  #skipping = true;
  #inLine = false;

  push(bytes: Uint8Array, out: Output<Uint8Array>): void {
    let at = 0;
    while (this.#skipping && at < bytes.length) {
      this.#inLine ||= beginsText(bytes[at]);
      this.#skipping = this.#inLine;
      if (!this.#inLine) break;
      const end = bytes.indexOf(NEWLINE, at);
      this.#inLine = end < 0;
      at = end < 0 ? bytes.length : end + 1;
    }
    if (at < bytes.length) out.push(at === 0 ? bytes : bytes.subarray(at));
  }
}

/** Tells a line of text from a header: below 16 MiB that begins with 0x00, 0x40 or 0x80. */
function beginsText(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && byte !== 0x40;
}
