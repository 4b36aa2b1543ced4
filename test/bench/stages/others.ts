/**
 * Other libraries where they do the same work. They are imported here and nowhere else: the project does not depend on
 * them.
 *
 * @module
 */
/// <reference path="./modules.d.ts" />
import { Readable, Transform } from "node:stream";
import { TextLineStream } from "@std/streams/text-line-stream";
import { type Codec, frames, type Json, jsonLines, lines, pipeline, stage } from "echopipe";
import * as itLengthPrefixed from "it-length-prefixed";
import lengthPrefixedStream from "length-prefixed-stream";
import ndjson from "ndjson";
import split2 from "split2";
import type { Case, Group } from "../measure.ts";
import { Counted, drained, emitted, iterated } from "./drive.ts";
import { input, iterableOf, streamOf } from "./inputs.ts";

type Measurable = { readonly length: number };
const named = (size: number) => size === 64 ? "64 B" : "1 KiB";

/** Decodes into a handler, which sees every item. */
async function handled<T extends Measurable>({ decoder }: Codec<T>, reads: readonly Uint8Array[]): Promise<Counted> {
  const counted = new Counted();
  const handler = stage<T, never>((item) => counted.add(item));
  for await (const _ of pipeline(decoder, handler).over(iterableOf(reads)));
  return counted;
}

/** Decodes, and encodes again. */
const both = <T>({ decoder, encoder }: Codec<T>) => pipeline(decoder, encoder);

const readLength = Object.assign((data: { getUint32(at: number): number }) => data.getUint32(0), { bytes: 4 });
const writeLength = Object.assign((size: number) => {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, size);
  return header;
}, { bytes: 4 });

function decodingFrames(size: number): Group[] {
  const { reads, bytes, messages } = input("len32", size);
  const varint = input("varint", size);
  const unit = { unit: "message", units: messages, bytes };
  // As many as in the other wire, within a percent: its header is shorter.
  const expected = [varint.messages * size, varint.messages] as const;
  // Only so does it keep messages apart for a consumer that iterates.
  const theirs = () => Readable.from(varint.reads).pipe(lengthPrefixedStream.decode({ allowEmpty: true }));
  return [
    {
      title: `Frames of ${named(size)}, to a handler`,
      ...unit,
      cases: [
        {
          name: "echopipe: `frames()`, a stage behind it",
          ours: true,
          run: async () => (await handled(frames(), reads)).expect(messages * size, messages),
        },
        {
          name: 'echopipe: `frames({ width: "varint" })`, a stage behind it',
          run: async () => (await handled(frames({ width: "varint" }), varint.reads)).expect(...expected),
        },
        {
          name: "length-prefixed-stream 2.0.0 (varint): `data` events",
          run: async () => (await emitted(theirs())).expect(...expected),
        },
      ],
    },
    {
      title: `Frames of ${named(size)}, to \`for await\``,
      ...unit,
      cases: [
        {
          name: "echopipe: `frames()`",
          ours: true,
          run: async () => (await iterated(frames().decoder.over(iterableOf(reads)))).expect(messages * size, messages),
        },
        {
          name: "it-length-prefixed 11.0.1",
          async run() {
            const found = itLengthPrefixed.decode(iterableOf(reads), { lengthDecoder: readLength });
            (await iterated(found)).expect(messages * size, messages);
          },
        },
        {
          name: "length-prefixed-stream 2.0.0 (varint)",
          run: async () => (await iterated(theirs())).expect(...expected),
        },
      ],
    },
  ];
}

function encodingFrames(size: number): Group[] {
  const { messages, bytes, reads } = input("len32", size);
  const varint = input("varint", size);
  const payload = new Uint8Array(size).fill(97);
  const own = Array.from({ length: messages }, () => payload);
  const unit = { unit: "message", units: messages, bytes };
  const theirs = lengthPrefixedStream;
  return [
    {
      title: `Frames of ${named(size)}, encoded from an asynchronous iterator`,
      ...unit,
      cases: [
        {
          name: "echopipe: `frames()`",
          ours: true,
          run: async () => (await iterated(frames().encoder.over(iterableOf(own)))).expect(bytes),
        },
        {
          name: "it-length-prefixed 11.0.1",
          async run() {
            const made = itLengthPrefixed.encode(iterableOf(own), { lengthEncoder: writeLength });
            (await iterated(made)).expect(bytes);
          },
        },
      ],
    },
    {
      title: `Frames of ${named(size)}, encoded from an array`,
      ...unit,
      cases: [
        {
          name: "echopipe: `frames()`",
          ours: true,
          run: async () => (await iterated(frames().encoder.over(own))).expect(bytes),
        },
        {
          name: "length-prefixed-stream 2.0.0 (varint)",
          async run() {
            const counted = await emitted(Readable.from(own).pipe(theirs.encode()));
            counted.expect(messages * (size + (size < 128 ? 1 : 2)));
          },
        },
      ],
    },
    {
      title: `Frames of ${named(size)}, decoded and encoded again`,
      ...unit,
      cases: [
        {
          name: "echopipe: `frames()`",
          ours: true,
          run: async () => (await iterated(both(frames()).over(iterableOf(reads)))).expect(bytes),
        },
        {
          name: "it-length-prefixed 11.0.1",
          async run() {
            const found = itLengthPrefixed.decode(iterableOf(reads), { lengthDecoder: readLength });
            (await iterated(itLengthPrefixed.encode(found, { lengthEncoder: writeLength }))).expect(bytes);
          },
        },
        {
          name: "length-prefixed-stream 2.0.0 (varint)",
          async run() {
            const found = Readable.from(varint.reads).pipe(theirs.decode({ allowEmpty: true }));
            (await emitted(found.pipe(theirs.encode()))).expect(varint.bytes);
          },
        },
      ],
    },
  ];
}

/** The one of this project is measured where JSR is out of reach. */
const standIn = import.meta.resolve("@std/streams/text-line-stream").includes("/compat/");

function decodingLines(size: number): Group[] {
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

function encodingLines(size: number): Group[] {
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

/** A value whose JSON has `size` bytes, with the end of the line. */
function valueOf(size: number): Json {
  const value = (text: string): Json => ({ id: 12345678, method: "echo", params: [text] });
  return value("a".repeat(size - JSON.stringify(value("")).length - 1));
}
const one = { length: 1 } as const;

function jsonOf(size: number): Group[] {
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

/** The groups of this file. */
export function otherGroups(): Group[] {
  return [64, 1024].flatMap((size) => [
    ...decodingFrames(size),
    ...encodingFrames(size),
    ...decodingLines(size),
    ...encodingLines(size),
    ...jsonOf(size),
  ]);
}
