/**
 * Codecs of whole items: the same items for any cut, none beyond the limit, and the same again after encoding.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Codec, delimited, EchopipeError, fixed, frames, jsonLines, lines, text } from "echopipe";
import { cutAt } from "../../support/cuts.ts";
import type { FuzzTarget } from "../target.ts";

const LIMIT = 64;

async function decoded<T>({ decoder }: Codec<T>, reads: Uint8Array[], keep: (item: T) => T) {
  const items: T[] = [];
  let failure: string | undefined;
  try {
    for await (const item of decoder.over(reads)) items.push(keep(item));
  } catch (error) {
    if (!(error instanceof EchopipeError)) throw error;
    failure = error.code;
  }
  return { items, failure };
}

interface About<T> {
  /** The size of an item in bytes; never above the limit. */
  readonly size?: (item: T) => number;
  /** False: how the items are cut depends on the reads. */
  readonly wholeItems?: boolean;
  /** True for an item that the encoder refuses, by design. */
  readonly oneWay?: (item: T) => boolean;
  readonly keep?: (item: T) => T;
}

function codec<T>(name: string, make: () => Codec<T>, about: About<T> = {}): FuzzTarget {
  const { size, wholeItems = true, oneWay = () => false, keep = (item) => item } = about;
  return {
    name,
    corpus: "codecs",
    async check(input, random) {
      const cut = cutAt(input, Array.from({ length: random.size(8) }, () => random.int(input.length + 1)));
      const whole = await decoded(make(), input.length > 0 ? [input] : [], keep);
      const pieces = await decoded(make(), cut, keep);
      if (wholeItems) assert.deepEqual(pieces, whole, "the same for any cut");
      else {
        assert.equal(pieces.failure, whole.failure);
        assert.ok(pieces.items.join("").startsWith(whole.items.join("")), "what came before an error, or more of it");
      }
      if (size) { for (const item of whole.items) assert.ok(size(item) <= LIMIT, `an item of ${size(item)} bytes`); }
      const items = whole.items.filter((item) => !oneWay(item));
      const encoded: Uint8Array[] = [];
      for await (const piece of make().encoder.over(items)) encoded.push(piece.slice());
      const again = await decoded(make(), encoded, keep);
      if (wholeItems) assert.deepEqual(again, { items, failure: undefined }, "the same after encoding");
    },
  };
}

const bytes: About<Uint8Array> = { size: (item) => item.length, keep: (item) => item.slice() };

/** The codecs. */
export const codecs: readonly FuzzTarget[] = [
  codec("lines", () => lines({ limit: LIMIT }), {
    size: (item) => Buffer.byteLength(item),
    oneWay: (item) => item.endsWith("\r"), // it would be taken for a part of the end
  }),
  codec("json-lines", () => jsonLines({ limit: LIMIT }), {
    keep: (item) => JSON.parse(JSON.stringify(item)), // -0 is 0 in JSON
    oneWay: (item) => JSON.stringify(item).length > LIMIT, // `1e20` is written longer than it came
  }),
  codec("frames", () => frames({ width: 2, limit: LIMIT }), bytes),
  codec("frames-varint", () => frames({ width: "varint", limit: LIMIT }), bytes),
  codec("delimited", () => delimited("\r\n\r\n", { limit: LIMIT }), bytes),
  codec("fixed", () => fixed(7), bytes),
  codec("text", () => text(), { wholeItems: false }),
];
