/**
 * Lines of text, beside other libraries that have them.
 *
 * @module
 */
/// <reference path="./modules.d.ts" />
import { Readable, Transform } from "node:stream";
import { TextLineStream } from "@std/streams/text-line-stream";
import { lines } from "echopipe";
import split2 from "split2";
import type { Case, Group } from "../measure.ts";
import { both, drained, emitted, handled, iterated, named } from "./drive.ts";
import { input, iterableOf, streamOf } from "./inputs.ts";

/** The one of this project is measured where JSR is out of reach. */
const standIn = import.meta.resolve("@std/streams/text-line-stream").includes("/compat/");

/** Decoding lines, beside other libraries. */
export function decodingLines(size: number): Group[] {
  const { reads, bytes, messages } = input("line", size);
  const unit = { unit: "line", units: messages, bytes };
  const payload = messages * (size - 1);
  const textLines: Case = {
    name: `\`TextDecoderStream\`, \`TextLineStream\` of @std/streams${standIn ? " (this project's stand-in)" : ""}`,
    async run() {
      const decoder = new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>;
      (await drained(streamOf(reads).pipeThrough(decoder).pipeThrough(new TextLineStream()))).expect(payload, messages);
    },
  };
  return [
    {
      title: `Lines of ${named(size)}, to a handler`,
      ...unit,
      cases: [
        {
          name: "echopipe: `lines()`, a stage behind it",
          ours: true,
          run: async () => (await handled(lines(), reads)).expect(payload, messages),
        },
        {
          name: "split2 4.2.0: `data` events",
          run: async () => (await emitted(Readable.from(reads).pipe(split2()))).expect(payload, messages),
        },
        textLines,
      ],
    },
    {
      title: `Lines of ${named(size)}, to \`for await\``,
      ...unit,
      cases: [
        {
          name: "echopipe: `lines()`",
          ours: true,
          run: async () => (await iterated(lines().decoder.over(iterableOf(reads)))).expect(payload, messages),
        },
        {
          name: "split2 4.2.0",
          run: async () => (await iterated(Readable.from(reads).pipe(split2()))).expect(payload, messages),
        },
      ],
    },
    {
      title: `Lines of ${named(size)}, through streams`,
      ...unit,
      cases: [
        {
          name: "echopipe: `lines()`",
          ours: true,
          run: async () => (await drained(streamOf(reads).pipeThrough(lines().decoder))).expect(payload, messages),
        },
        textLines,
      ],
    },
  ];
}

/** A stream of Node that adds the ends of lines: the libraries have none. */
const adding = () =>
  new Transform({
    writableObjectMode: true,
    transform: (line, _encoding, done) => done(null, `${line}\n`),
  });

/** A stream of the web that does. */
const addingToo = () =>
  new TransformStream<string, string>({ transform: (line, controller) => controller.enqueue(`${line}\n`) });

/** Encoding lines, beside other libraries. */
export function encodingLines(size: number): Group[] {
  const { messages, bytes, reads } = input("line", size);
  const own = Array.from({ length: messages }, () => "a".repeat(size - 1));
  const unit = { unit: "line", units: messages, bytes };
  return [
    {
      title: `Lines of ${named(size)}, encoded from an array`,
      ...unit,
      cases: [
        {
          name: "echopipe: `lines()`",
          ours: true,
          run: async () => (await iterated(lines().encoder.over(own))).expect(bytes),
        },
        {
          name: "a `Transform` of Node by hand",
          run: async () => (await emitted(Readable.from(own).pipe(adding()))).expect(bytes),
        },
        {
          name: "a `TransformStream`, `TextEncoderStream`",
          async run() {
            const made = streamOf(own).pipeThrough(addingToo()).pipeThrough(new TextEncoderStream());
            (await drained(made)).expect(bytes);
          },
        },
      ],
    },
    {
      title: `Lines of ${named(size)}, decoded and encoded again`,
      ...unit,
      cases: [
        {
          name: "echopipe: `lines()`",
          ours: true,
          run: async () => (await iterated(both(lines()).over(iterableOf(reads)))).expect(bytes),
        },
        {
          name: "split2 4.2.0, a `Transform` by hand",
          run: async () => (await emitted(Readable.from(reads).pipe(split2()).pipe(adding()))).expect(bytes),
        },
        {
          name: `\`TextLineStream\` (${standIn ? "stand-in" : "the real one"}) between those for text`,
          async run() {
            const decoder = new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>;
            const found = streamOf(reads).pipeThrough(decoder).pipeThrough(new TextLineStream());
            (await drained(found.pipeThrough(addingToo()).pipeThrough(new TextEncoderStream()))).expect(bytes);
          },
        },
      ],
    },
  ];
}
