/**
 * What stands before a message: its length, in one of the layouts that protocols use.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import type { Kind } from "./chunk.ts";

/** How a header is laid out. */
export interface Header {
  /** Its width in bytes, 1 to 8. */
  readonly width: number;
  /** The longest payload it can carry, in bytes. */
  readonly max: number;
  /** The payload length of the header at `at`, in bytes. Throws `protocol` where the header is not valid. */
  sizeAt(bytes: Uint8Array, at: number): number;
  /** The kind of the message whose header is at `at`. */
  kindAt(bytes: Uint8Array, at: number): Kind;
  /** Writes the header of a message to `bytes`, at 0. */
  write(bytes: Uint8Array, kind: Kind, size: number): void;
}

/** How a length field is laid out. */
export interface LengthFieldOptions {
  /** Its width in bytes, 1 to 8. Default 4. */
  readonly width?: number;
  /** The byte order. Default `big`, the network's. */
  readonly order?: "big" | "little";
  /** Whether the length counts the field itself. Default false. */
  readonly includesHeader?: boolean;
}

/**
 * A header that is a length and nothing else; its messages are of kind `text`.
 *
 * A width of 7 or 8 carries lengths up to 2^53 - 1 bytes: beyond it a JavaScript number is not exact.
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
