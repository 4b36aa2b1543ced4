/**
 * Reading and writing fields of a datagram. All numbers are big-endian.
 *
 * @module
 */

/** Error of {@linkcode FieldReader}. It never leaves this folder: malformed datagrams are dropped. */
export class Malformed extends Error {}

/** Reads fields one after the other; throws {@linkcode Malformed} where there are too few bytes. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view of so many bytes. */
  bytes(size: number): Uint8Array {
    if (size > this.left) throw new Malformed();
    return this.#bytes.subarray(this.#at, this.#at += size);
  }

  /** A number of one to six bytes. */
  number(size: number): number {
    let value = 0;
    for (const byte of this.bytes(size)) value = value * 256 + byte;
    return value;
  }

  /** A text behind its length in so many bytes; it must be UTF-8 and neither empty nor longer than `most` bytes. */
  text(lengthSize: number, most: number): string {
    const size = this.number(lengthSize);
    if (size === 0 || size > most) throw new Malformed();
    try {
      return decoder.decode(this.bytes(size));
    } catch {
      throw new Malformed();
    }
  }

  /** One of some values, by its place among them in one byte, from 1. */
  oneOf<T>(values: readonly T[]): T {
    const value = values[this.number(1) - 1];
    if (value === undefined) throw new Malformed();
    return value;
  }

  /** There must be nothing more. */
  end(): void {
    if (this.left > 0) throw new Malformed();
  }
}

/** A number in so many bytes. */
export function numberField(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = size - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

/** A text behind its length in so many bytes. */
export function textField(text: string, lengthSize: number): Uint8Array {
  const bytes = encoder.encode(text);
  return concat(numberField(bytes.length, lengthSize), bytes);
}

/** Several fields as one. */
export function concat(...fields: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((size, field) => size + field.length, 0));
  let at = 0;
  for (const field of fields) {
    bytes.set(field, at);
    at += field.length;
  }
  return bytes;
}

/** Runs a parser; undefined where the bytes are malformed. */
export function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
