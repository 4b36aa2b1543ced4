/**
 * Strict UTF-8 (RFC 3629): nothing is replaced or dropped, and a byte order mark is kept.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Encodes text as UTF-8.
 *
 * @throws {EchopipeError} `invalid-text` for half a surrogate pair, which UTF-8 cannot carry
 */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  if (!text.isWellFormed()) {
    throw new EchopipeError("invalid-text", "Cannot encode text: it has half a surrogate pair, which is no character");
  }
  return encoder.encode(text);
}

/**
 * Decodes UTF-8. `position` is the position of the bytes in their stream, for errors.
 *
 * @throws {EchopipeError} `invalid-text` with the position of the first byte that is not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, position = 0): string {
  // Deno decodes several times faster without `fatal`, and then invalid bytes have left a replacement character.
  const text = lenient.decode(bytes);
  if (!text.includes("\ufffd")) return text;
  try {
    return strict.decode(bytes);
  } catch (cause) {
    const at = firstInvalid(bytes);
    const received = `0x${bytes[at].toString(16).padStart(2, "0")}`;
    throw new EchopipeError(
      "invalid-text",
      `Cannot decode text: byte ${position + at} (${received}) does not continue valid UTF-8`,
      { position: position + at, received, expected: "UTF-8", cause },
    );
  }
}

/** Decodes a whole text, such as a file, without its byte order mark. Throws as {@linkcode decodeUtf8} does. */
export function decodeDocument(bytes: Uint8Array): string {
  return decodeUtf8(bytes).replace(/^\ufeff/, "");
}

/** Number of bytes of well-formed text in UTF-8. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

/** Number of bytes of an incomplete character at the end: 0 to 3. */
export function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** Index of the first byte that is not valid UTF-8. */
function firstInvalid(bytes: Uint8Array): number {
  let at = 0;
  for (const character of lenient.decode(bytes)) {
    const own = bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
    if (character === "\ufffd" && !own) return at;
    at += encoder.encode(character).length;
  }
  return at;
}
