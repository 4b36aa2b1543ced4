/**
 * Headers with a length of variable width.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { FrameLayout, FrameSettings } from "./frame_layout.ts";

/** The longest varint, in bytes: 64 bits in groups of seven. */
const MAX_VARINT = 10;

/**
 * A header with a varint: seven bits a byte, the least significant first; the highest bit of each byte but the last is set
 * (unsigned LEB128, https://protobuf.dev/programming-guides/encoding/#varints).
 */
export class VarintLayout implements FrameLayout {
  readonly max: number = Number.MAX_SAFE_INTEGER;
  readonly #offset: number;
  readonly #adjustment: number;
  readonly #includesHeader: boolean;

  /** Makes a layout. */
  constructor({ offset, adjustment, includesHeader }: FrameSettings) {
    this.#offset = offset;
    this.#adjustment = adjustment;
    this.#includesHeader = includesHeader;
  }

  width(bytes: Uint8Array, at: number, end: number): number {
    const first = at + this.#offset;
    for (let i = 0; first + i < end; i++) {
      if (bytes[first + i] < 0x80 || i === MAX_VARINT - 1) return this.#offset + i + 1;
    }
    return 0;
  }

  announced(bytes: Uint8Array, at: number, width: number): number {
    let last = at + width - 1;
    if (bytes[last] >= 0x80) return -1; // it goes on beyond 64 bits
    let length = 0;
    // Beyond 2^53 it is not exact, and too large all the same.
    for (; last >= at + this.#offset; last--) length = length * 128 + (bytes[last] & 0x7f);
    return length + this.#adjustment - (this.#includesHeader ? width : 0);
  }

  widthBefore(size: number): number {
    let field = 1;
    // A longer field makes for a larger length, where it counts itself.
    while (field < MAX_VARINT && this.lengthOf(size, this.#offset + field) >= 2 ** (7 * field)) field++;
    return this.#offset + field;
  }

  widthWithin(item: Uint8Array): number {
    const width = this.width(item, 0, item.length);
    if (width > 0 && this.announced(item, 0, width) === item.length - width) return width;
    throw new EchopipeError(
      "invalid-argument",
      `Cannot send a frame of ${item.length} bytes: expected its length in it, as a varint`,
    );
  }

  lengthOf(size: number, width: number): number {
    return size - this.#adjustment + (this.#includesHeader ? width : 0);
  }

  write(bytes: Uint8Array, at: number, width: number, length: number): void {
    let rest = length;
    for (let i = at + this.#offset; i < at + width; i++) {
      bytes[i] = rest % 128 | (i < at + width - 1 ? 0x80 : 0);
      rest = Math.floor(rest / 128);
    }
  }
}
