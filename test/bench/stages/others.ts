/**
 * Other libraries where they do the same work. They are imported here and nowhere else: the project does not depend on
 * them.
 *
 * @module
 */
// deno-lint-ignore-file no-import-prefix -- not dependencies of the project
import { Readable } from "node:stream";
import { TextLineStream } from "@std/streams/text-line-stream";
import { lengthPrefix, line, messages, pipeline } from "echopipe";
import * as itLengthPrefixed from "npm:it-length-prefixed@11.0.1";
// @ts-types="./length_prefixed_stream.d.ts"
import lengthPrefixedStream from "npm:length-prefixed-stream@2.0.0";
import type { Group } from "../measure.ts";
import { Counted, drained, iterated } from "./drive.ts";
import { input, inputChunks, iterableOf, streamOf } from "./inputs.ts";

const big = (size: number) => size === 64 ? "64 B" : "1 KiB";

const readLength = Object.assign((data: { getUint32(at: number): number }) => data.getUint32(0), { bytes: 4 });
const writeLength = Object.assign((size: number) => {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, size);
  return header;
}, { bytes: 4 });

function decoding(size: number): Group {
  const { reads, bytes, messages: count } = input("len32", size);
  const varint = input("varint", size);
  const payload = count * size;
  return {
    title: `Decoding length-prefixed messages of ${big(size)}`,
    unit: "message",
    units: count,
    bytes,
    cases: [
      {
        name: "echopipe: chunks, as views",
        run: async () => (await iterated(lengthPrefix().decoder.over(iterableOf(reads)))).expect(payload),
      },
      {
        name: "echopipe: whole messages, in memory of their own",
        ours: true,
        run: async () =>
          (await iterated(pipeline(lengthPrefix().decoder, messages()).over(iterableOf(reads)))).expect(payload, count),
      },
      {
        name: "it-length-prefixed 11.0.1: whole messages, as views",
        async run() {
          const counted = new Counted();
          const found = itLengthPrefixed.decode(iterableOf(reads), { lengthDecoder: readLength });
          for await (const list of found) counted.add(list);
          counted.expect(payload, count);
        },
      },
      {
        name: "length-prefixed-stream 2.0.0: whole messages, as views (varint header)",
        async run() {
          // Only so does it keep messages apart for a consumer that iterates.
          const found = Readable.from(varint.reads).pipe(lengthPrefixedStream.decode({ allowEmpty: true }));
          // As many as in the other wire, within a percent: its header is shorter.
          (await iterated(found)).expect(varint.messages * size, varint.messages);
        },
      },
    ],
  };
}

function encoding(size: number): Group {
  const from = input("len32", size);
  const own = inputChunks(from);
  const bytes = own.map((chunk) => chunk.bytes);
  return {
    title: `Encoding length-prefixed messages of ${big(size)}`,
    unit: "message",
    units: from.messages,
    bytes: from.bytes,
    cases: [
      {
        name: "echopipe",
        ours: true,
        run: async () => (await iterated(lengthPrefix().encoder.over(iterableOf(own)))).expect(from.bytes),
      },
      {
        name: "it-length-prefixed 11.0.1",
        async run() {
          const counted = new Counted();
          const made = itLengthPrefixed.encode(iterableOf(bytes), { lengthEncoder: writeLength });
          for await (const piece of made) counted.add(piece);
          counted.expect(from.bytes);
        },
      },
      {
        name: "length-prefixed-stream 2.0.0 (varint header)",
        async run() {
          const counted = await iterated(Readable.from(bytes).pipe(lengthPrefixedStream.encode()));
          counted.expect(from.messages * (size + (size < 128 ? 1 : 2)));
        },
      },
    ],
  };
}

/** The real package or the one that stands in for it where JSR is out of reach. */
function nameOfTextLineStream(): string {
  const standIn = import.meta.resolve("@std/streams/text-line-stream").includes("/compat/");
  return standIn ? "this project's stand-in for `@std/streams`: `TextLineStream`" : "`@std/streams`: `TextLineStream`";
}

function lines(size: number): Group {
  const { reads, bytes, messages: count } = input("line", size);
  const payload = count * (size - 1);
  return {
    title: `Lines of ${big(size)} as text`,
    unit: "line",
    units: count,
    bytes,
    cases: [
      {
        name: "echopipe: `line().decoder`, `messages()`, `toText()`",
        ours: true,
        async run() {
          const counted = new Counted();
          const found = streamOf(reads).pipeThrough(pipeline(line().decoder, messages()));
          for await (const chunk of found) counted.add(chunk.toText().slice(0, -1));
          counted.expect(payload, count);
        },
      },
      {
        name: `\`TextDecoderStream\`, ${nameOfTextLineStream()}`,
        async run() {
          const decoder = new TextDecoderStream() as TransformStream<Uint8Array, string>;
          const found = streamOf(reads).pipeThrough(decoder).pipeThrough(new TextLineStream());
          (await drained(found)).expect(payload, count);
        },
      },
    ],
  };
}

/** The groups of this file. */
export function otherGroups(): Group[] {
  return [64, 1024].flatMap((size) => [decoding(size), encoding(size), lines(size)]);
}
