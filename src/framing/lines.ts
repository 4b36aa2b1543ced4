/**
 * Lines of text, as strings.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import type { Codec } from "./framing.ts";
import { wrongItem } from "../stage/items.ts";
import { LinesDecoder } from "./lines_decoder.ts";
import { checkLine, LinesEncoder } from "./lines_encoder.ts";
import { DEFAULT_MESSAGE_LIMIT } from "./messages.ts";

/** The longest limit of a line, in bytes: 256 MiB. The longest strings of JavaScript engines are not much longer. */
const MAX_LINE = 2 ** 28;

/** The options of {@linkcode lines}. */
export interface LinesOptions {
  /** The longest line in bytes, without its end, in both directions: 0 to 2^28. Default 1,048,576 (1 MiB). */
  readonly limit?: number;
  /** The end that the encoder adds to each line. Default `"\n"`. The decoder understands both. */
  readonly end?: "\n" | "\r\n";
}

/** The settings of the options, after checking them. */
export function lineSettings({ limit = DEFAULT_MESSAGE_LIMIT, end = "\n" }: LinesOptions): Required<LinesOptions> {
  checkInteger("limit", limit, 0, MAX_LINE);
  if (end !== "\n" && end !== "\r\n") {
    throw new EchopipeError("invalid-argument", `Cannot use end ${JSON.stringify(end)}: expected "\\n" or "\\r\\n"`);
  }
  return { limit, end };
}

/**
 * A codec of lines of text, as strings without their ends. A line ends with `\n` or `\r\n`; a `\r` alone does not end one.
 * A last line without an end is a line, too. Empty lines are lines.
 *
 * The text is strict UTF-8 (RFC 3629): anything else is an error, never a replacement character, and a byte order mark
 * stays where it is. The decoder throws `invalid-text`, with the position, and `too-large` as soon as a line exceeds the
 * limit; the lines before are delivered. The encoder throws `invalid-argument` for an item that is not a string or
 * contains the end of a line, `invalid-text` for half a surrogate pair, and `too-large`.
 *
 * A line that is kept may keep the text of its read with it, 64 KiB on most connections: that is how engines cut strings.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { lines } from "echopipe";
 *
 * const { decoder, encoder } = lines({ limit: 8192, end: "\r\n" });
 * const reads = ["GET /", " HTTP/1.1\r\nHost", ": x\r\n"].map((text) => new TextEncoder().encode(text));
 * assert.deepEqual(await Array.fromAsync(decoder.over(reads)), ["GET / HTTP/1.1", "Host: x"]);
 * assert.equal(await new Response(ReadableStream.from(["200 OK"]).pipeThrough(encoder)).text(), "200 OK\r\n");
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a limit out of its range, or another end
 */
export function lines(options: LinesOptions = {}): Codec<string> {
  const { limit, end } = lineSettings(options);
  return { decoder: new LinesDecoder<string>(limit), encoder: new LinesEncoder<string>(limit, end, toLine) };
}

function toLine(item: string): string {
  if (typeof item !== "string") throw wrongItem(item, "a string");
  return checkLine(item);
}
