/**
 * Lines of JSON, beside other libraries that have them.
 *
 * @module
 */
/// <reference path="./modules.d.ts" />
import { Readable } from "node:stream";
import { type Codec, type Json, jsonLines, pipeline, stage } from "echopipe";
import ndjson from "ndjson";
import split2 from "split2";
import type { Group } from "../measure.ts";
import { both, emitted, handled, iterated, type Measurable, named } from "./drive.ts";
import { input, iterableOf } from "./inputs.ts";

/** A value whose JSON has `size` bytes, with the end of the line. */
function valueOf(size: number): Json {
  const value = (text: string): Json => ({ id: 12345678, method: "echo", params: [text] });
  return value("a".repeat(size - JSON.stringify(value("")).length - 1));
}
const one = { length: 1 } as const;

/** JSON lines, beside other libraries. */
export function jsonOf(size: number): Group[] {
  const value = valueOf(size);
  const line = `${JSON.stringify(value)}\n`;
  const { reads, messages, bytes } = input("line", size, line);
  const own = Array.from({ length: messages }, () => value);
  const counting = <T>(codec: Codec<T>) => ({
    encoder: codec.encoder,
    decoder: pipeline(codec.decoder, stage<T, Measurable>((_, out) => out.push(one))),
  });
  const unit = { unit: "value", units: messages, bytes };
  return [
    {
      title: `JSON lines of ${named(size)}, to a handler`,
      ...unit,
      cases: [
        {
          name: "echopipe: `jsonLines()`, a stage behind it",
          ours: true,
          run: async () =>
            (await handled(counting(jsonLines()) as Codec<Measurable>, reads)).expect(messages, messages),
        },
        {
          name: "split2 4.2.0 with `JSON.parse`: `data` events",
          run: async () => (await emitted(Readable.from(reads).pipe(split2(JSON.parse)), one)).expect(messages),
        },
        {
          name: "ndjson 2.0.0: `data` events",
          run: async () => (await emitted(Readable.from(reads).pipe(ndjson.parse()), one)).expect(messages),
        },
      ],
    },
    {
      title: `JSON lines of ${named(size)}, encoded from an array`,
      ...unit,
      cases: [
        {
          name: "echopipe: `jsonLines()`",
          ours: true,
          run: async () => (await iterated(jsonLines().encoder.over(own))).expect(bytes),
        },
        {
          name: "ndjson 2.0.0",
          run: async () => (await emitted(Readable.from(own).pipe(ndjson.stringify()))).expect(bytes),
        },
      ],
    },
    {
      title: `JSON lines of ${named(size)}, decoded and encoded again`,
      ...unit,
      cases: [
        {
          name: "echopipe: `jsonLines()`",
          ours: true,
          run: async () => (await iterated(both(jsonLines()).over(iterableOf(reads)))).expect(bytes),
        },
        {
          name: "ndjson 2.0.0",
          async run() {
            const found = Readable.from(reads).pipe(ndjson.parse());
            (await emitted(found.pipe(ndjson.stringify()))).expect(bytes);
          },
        },
      ],
    },
  ];
}
