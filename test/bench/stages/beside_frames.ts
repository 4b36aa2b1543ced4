/**
 * Frames, beside other libraries that have them.
 *
 * @module
 */
/// <reference path="./modules.d.ts" />
import { Readable } from "node:stream";
import { frames } from "echopipe";
import * as itLengthPrefixed from "it-length-prefixed";
import lengthPrefixedStream from "length-prefixed-stream";
import type { Group } from "../measure.ts";
import { both, emitted, handled, iterated, named } from "./drive.ts";
import { input, iterableOf } from "./inputs.ts";

const readLength = Object.assign((data: { getUint32(at: number): number }) => data.getUint32(0), { bytes: 4 });
const writeLength = Object.assign((size: number) => {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, size);
  return header;
}, { bytes: 4 });

/** Decoding frames, beside other libraries. */
export function decodingFrames(size: number): Group[] {
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

/** Encoding frames, beside other libraries. */
export function encodingFrames(size: number): Group[] {
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
