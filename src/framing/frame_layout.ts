/**
 * Layouts of frames: the place and the meaning of the length in a header.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import { DEFAULT_MESSAGE_LIMIT } from "./messages.ts";

/** The longest frame, in bytes: 2^30 - 1. */
const MAX_FRAME = 2 ** 30 - 1;
/** The longest part of a header before its length, in bytes. */
const MAX_OFFSET = 255;
/** The most bytes to drop at the beginning of a frame. */
const MAX_STRIP = 1024;

/** The options of {@linkcode frames}. */
export interface FramesOptions {
  /** Width of the length field: 1, 2, 3, 4 or 8 bytes, or a varint (unsigned LEB128, as in protobuf). Default 4. */
  readonly width?: 1 | 2 | 3 | 4 | 8 | "varint";
  /** The byte order of the length. Default `big`, the network's. A varint is always little-endian. */
  readonly order?: "big" | "little";
  /** Bytes of the frame before the length field, 0 to 255. Default 0. */
  readonly offset?: number;
  /** Added to the length: what follows the length field is so many bytes longer. Default 0. */
  readonly adjustment?: number;
  /** True where the length includes the header: the bytes before the field, and the field. Default false. */
  readonly includesHeader?: boolean;
  /** Bytes to drop at the beginning of a frame, 0 to 1024. Default: the header, so that the payload is left. */
  readonly strip?: number;
  /** The most bytes that may follow the header, in both directions: 0 to 2^30 - 1. Default 1,048,576 (1 MiB). */
  readonly limit?: number;
}

/** The options after checking them, with their defaults. */
export interface FrameSettings extends Required<Omit<FramesOptions, "strip">> {
  /** Undefined: the header is dropped, whatever its width. */
  readonly strip: number | undefined;
}

/** Reads and writes the headers of frames. A header is what precedes the length field, and the field. */
export interface FrameLayout {
  /** Width of the header that begins at `at`, of which bytes up to `end` are at hand; 0: it needs more of them. */
  width(bytes: Uint8Array, at: number, end: number): number;
  /** Number of bytes that the header at `at`, of that width, announces behind itself; negative if it is not valid. */
  announced(bytes: Uint8Array, at: number, width: number): number;
  /** Width of the header before so many bytes. */
  widthBefore(size: number): number;
  /**
   * Width of the header inside a frame of which the first `strip` bytes are missing.
   *
   * @throws {EchopipeError} `invalid-argument` where a varint is not in place
   */
  widthWithin(item: Uint8Array, strip: number): number;
  /** The length that a header of that width contains before so many bytes; it may not fit. */
  lengthOf(size: number, width: number): number;
  /** The largest length that fits. */
  readonly max: number;
  /** Writes a length to the header at `at`, of that width. */
  write(bytes: Uint8Array, at: number, width: number, length: number): void;
}

/**
 * Checks the options.
 *
 * @throws {EchopipeError} `invalid-argument` for one out of its range
 */
export function frameSettings(options: FramesOptions): FrameSettings {
  const { width = 4, order = "big", offset = 0, adjustment = 0, includesHeader = false, strip } = options;
  const { limit = DEFAULT_MESSAGE_LIMIT } = options;
  if (![1, 2, 3, 4, 8, "varint"].includes(width)) {
    throw new EchopipeError("invalid-argument", `Cannot use width "${width}": expected 1, 2, 3, 4, 8 or "varint"`);
  }
  if (order !== "big" && order !== "little") {
    throw new EchopipeError("invalid-argument", `Cannot use order "${order}": expected "big" or "little"`);
  }
  checkInteger("offset", offset, 0, MAX_OFFSET);
  checkInteger("adjustment", adjustment, -MAX_FRAME, MAX_FRAME);
  if (strip !== undefined) checkInteger("strip", strip, 0, width === "varint" ? 0 : MAX_STRIP);
  checkInteger("limit", limit, 0, MAX_FRAME);
  return { width, order, offset, adjustment, includesHeader, strip, limit };
}

/** A header with a length field of fixed width. */
export class FixedLayout implements FrameLayout {
  readonly max: number;
  readonly #offset: number;
  readonly #field: number;
  readonly #width: number;
  readonly #little: boolean;
  /** Added to the length to get the number of bytes behind the header. */
  readonly #added: number;

  /** Makes a layout with a field of so many bytes. */
  constructor({ order, offset, adjustment, includesHeader }: FrameSettings, field: number) {
    this.#offset = offset;
    this.#field = field;
    this.#width = offset + field;
    this.#little = order === "little";
    this.#added = adjustment - (includesHeader ? this.#width : 0);
    this.max = Math.min(2 ** (8 * field) - 1, Number.MAX_SAFE_INTEGER);
  }

  width(_bytes: Uint8Array, at: number, end: number): number {
    return end - at < this.#width ? 0 : this.#width;
  }

  announced(bytes: Uint8Array, at: number): number {
    const first = at + this.#offset;
    if (this.#field === 4 && !this.#little) {
      const high = bytes[first] << 24 | bytes[first + 1] << 16 | bytes[first + 2] << 8 | bytes[first + 3];
      return (high >>> 0) + this.#added;
    }
    let length = 0;
    // Beyond 2^53 it is not exact, and too large all the same.
    for (let i = 0; i < this.#field; i++) length = length * 256 + bytes[first + this.#place(i)];
    return length + this.#added;
  }

  widthBefore(): number {
    return this.#width;
  }

  widthWithin(): number {
    return this.#width;
  }

  lengthOf(size: number): number {
    return size - this.#added;
  }

  write(bytes: Uint8Array, at: number, _width: number, length: number): void {
    let rest = length;
    for (let i = this.#field - 1; i >= 0; i--) {
      bytes[at + this.#offset + this.#place(i)] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  /** The place of the byte `i` of the length, the most significant first. */
  #place(i: number): number {
    return this.#little ? this.#field - 1 - i : i;
  }
}
