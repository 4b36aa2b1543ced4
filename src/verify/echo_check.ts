/**
 * Comparison of what comes back with what was sent.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Pattern } from "./pattern.ts";

/** Compares an echo, piece by piece as it comes. */
export class EchoCheck {
  /** The bytes that were sent, or are being sent. */
  readonly sent: Pattern;
  /** Bytes that came back and were right. */
  matched = 0;
  /** The first difference, in words. */
  difference: string | undefined;

  readonly #observe: ((bytes: Uint8Array) => void) | undefined;

  /** Expects an echo of `sent`. `observe` is called with all that comes, before it is compared. */
  constructor(sent: Pattern, observe?: (bytes: Uint8Array) => void) {
    this.sent = sent;
    this.#observe = observe;
  }

  /** All of it has come back, and nothing else. */
  get complete(): boolean {
    return this.difference === undefined && this.matched === this.sent.length;
  }

  /** Takes the next bytes of the echo. After a difference nothing is compared any more. */
  push(bytes: Uint8Array): void {
    this.#observe?.(bytes);
    for (let at = 0; at < bytes.length && this.difference === undefined;) {
      const left = bytes.length - at;
      if (this.matched === this.sent.length) {
        this.difference = `${left} more than were sent`;
        return;
      }
      const expected = this.sent.view(this.matched, left);
      const found = bytes.subarray(at, at + expected.length);
      if (Buffer.compare(found, expected) === 0) {
        at += expected.length;
        this.matched += expected.length;
      } else {
        const first = found.findIndex((byte, i) => byte !== expected[i]);
        this.matched += first;
        this.difference = `byte ${this.matched} is ${hex(found[first])}, expected ${hex(expected[first])}`;
      }
    }
  }

  /** The echo so far, in words. */
  toString(): string {
    const { matched, difference, sent: { length } } = this;
    if (difference === undefined) {
      return matched === length ? `all ${length} bytes came back` : `${matched} of ${length} bytes came back`;
    }
    return matched === length ? `all ${length} bytes came back, and ${difference}` : `the echo differs: ${difference}`;
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
