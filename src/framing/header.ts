/**
 * Headers: the length before a message, in the layouts that protocols use.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import type { Kind } from "./chunk.ts";

/** Layout of a header. */
export interface Header {
  /** Width in bytes, 1 to 8. */
  readonly width: number;
  /** The longest payload that the header can announce, in bytes. */
  readonly max: number;
  /**
   * Reads the payload length, in bytes, from the header at index `at`. Throws `protocol` if the header is not valid.
   */
  sizeAt(bytes: Uint8Array, at: number): number;
  /** Reads the kind of the message from the header at index `at`. */
  kindAt(bytes: Uint8Array, at: number): Kind;
  /** Writes the header of a message to the start of `bytes`. */
  write(bytes: Uint8Array, kind: Kind, size: number): void;
}

/** Layout of a length field. */
export interface LengthFieldOptions {
  /** Width in bytes, 1 to 8. Default 4. */
  readonly width?: number;
  /** The byte order. Default `big`, the network's. */
  readonly order?: "big" | "little";
  /** True where the length includes the field itself. Default false. */
  readonly includesHeader?: boolean;
}

/**
 * A header that consists of a length only. Its messages are of kind `text`.
 *
 * With a width of 7 or 8, lengths are limited to 2^53 - 1 bytes: larger JavaScript numbers are not exact.
 *
 * @throws {EchopipeError} `invalid-argument` for a width that is not from 1 to 8
 */
export function lengthField(options: LengthFieldOptions = {}): Header {
  const { width = 4, order = "big", includesHeader = false } = options;
  checkInteger("width", width, 1, 8);
  const counted = includesHeader ? width : 0;
  if (order !== "big" && order !== "little") {
    throw new EchopipeError("invalid-argument", `Cannot use the byte order "${order}": expected "big" or "little"`);
  }
  const place = (i: number) => order === "big" ? i : width - 1 - i;
  return {
    width,
    max: Math.min(2 ** (8 * width) - 1, Number.MAX_SAFE_INTEGER) - counted,
    sizeAt(bytes, at) {
      let length = 0;
      for (let i = 0; i < width; i++) length = length * 256 + bytes[at + place(i)];
      if (length > Number.MAX_SAFE_INTEGER) {
        throw new EchopipeError("protocol", `Cannot read a length: it is beyond 2^53 - 1`, { received: length });
      }
      if (length < counted) {
        throw new EchopipeError(
          "protocol",
          `Cannot read a length: it is ${length}, which its own ${width} bytes exceed`,
          {
            received: length,
            expected: width,
          },
        );
      }
      return length - counted;
    },
    kindAt: () => "text",
    write(bytes, _kind, size) {
      let rest = size + counted;
      for (let i = width - 1; i >= 0; i--) {
        bytes[place(i)] = rest % 256;
        rest = Math.floor(rest / 256);
      }
    },
  };
}
