/**
 * Lines of JSON.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import type { Codec } from "./framing.ts";
import { wrongItem } from "../stage/items.ts";
import { lineSettings } from "./lines.ts";
import { LinesDecoder } from "./lines_decoder.ts";
import { LinesEncoder } from "./lines_encoder.ts";

/** The options of {@linkcode jsonLines}. */
export interface JsonLinesOptions {
  /** The longest line in bytes, without its end, in both directions: 0 to 2^28. Default 1,048,576 (1 MiB). */
  readonly limit?: number;
}

/** Any value that JSON carries. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * A codec of JSON values, one a line (NDJSON, JSON Lines; RFC 8259). The decoder skips lines of white space, and accepts a
 * last line without an end. `T` says what the peer is expected to send: it is not checked.
 *
 * The decoder throws `protocol`, with the position of the line, for one that is not JSON, and otherwise as that of
 * {@linkcode lines}. The encoder throws `invalid-argument` for a value that JSON does not carry (`undefined`, a function, a
 * `bigint`, a circle), and `too-large` beyond the limit.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { jsonLines } from "echopipe";
 *
 * const { decoder, encoder } = jsonLines<{ id: number }>();
 * const reads = ['{"id":1}\n{"i', 'd":2}\n'].map((text) => new TextEncoder().encode(text));
 * assert.deepEqual(await Array.fromAsync(decoder.over(reads)), [{ id: 1 }, { id: 2 }]);
 * const [bytes] = await Array.fromAsync(encoder.over([{ id: 3 }]));
 * assert.equal(new TextDecoder().decode(bytes), '{"id":3}\n');
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a limit out of its range
 */
export function jsonLines<T = Json>(options: JsonLinesOptions = {}): Codec<T> {
  const { limit } = lineSettings({ limit: options.limit });
  return { decoder: new LinesDecoder<T>(limit, parse), encoder: new LinesEncoder<T>(limit, "\n", stringify) };
}

function parse<T>(line: string): T | undefined {
  return line === "" || line.trim() === "" ? undefined : JSON.parse(line);
}

function stringify(item: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(item);
  } catch (cause) {
    throw new EchopipeError("invalid-argument", `Cannot encode an item as JSON: ${messageOf(cause)}`, { cause });
  }
  if (text === undefined) throw wrongItem(item, "a value that JSON carries");
  return text;
}
