/**
 * What framings cost, by calls alone: decoding, encoding, and the way of an echo through both.
 *
 * @module
 */
import { type Chunk, type ChunkCodec, chunks, echo, exit, line, message, pipeline, raw, stage } from "echopipe";
import type { Case, Group } from "../measure.ts";
import { byHand, Counted } from "./drive.ts";
import { type Input, input, inputChunks, type Wire } from "./inputs.ts";

const framings: readonly (readonly [name: string, wire: Wire, make: () => ChunkCodec])[] = [
  ["raw", "raw", raw],
  ["line", "line", line],
  ["message", "len32", message],
];

/** Cuts by hand, as one would without a library: what chunks is measured beside. */
function chunksByHand({ reads, bytes }: Input): Case {
  return {
    name: "the loop alone",
    run() {
      const counted = new Counted();
      for (const read of reads) {
        for (let at = 0; at < read.length; at += 1024) counted.add(read.subarray(at, at + 1024));
      }
      counted.expect(bytes);
    },
  };
}

function cutting(): Group {
  const pieces = input("raw", 1024);
  const { reads, bytes, messages } = pieces;
  return {
    title: "Cutting into 1 KiB",
    unit: "chunk",
    units: messages,
    bytes,
    cases: [
      { name: "`chunks()`: bytes to views", run: () => byHand(chunks(), reads).expect(bytes, messages) },
      { name: "`raw().decoder`: bytes to chunks", run: () => decode(raw(), reads) },
      chunksByHand(pieces),
    ],
  };
}

/** Decodes; chunks are counted by the decoder itself, and nothing is made of them. */
function decode({ decoder }: ChunkCodec, reads: readonly Uint8Array[]): void {
  const counted = byHand(decoder, reads);
  if (decoder.chunks !== counted.items || counted.items === 0) {
    throw new Error("Cannot measure: chunks are missing");
  }
}

/** Chunks as the decoder makes them, to be encoded again: neighbours in one read, batch by batch. */
function decoded({ decoder }: ChunkCodec, reads: readonly Uint8Array[]): Chunk[][] {
  return reads.map((read) => {
    const batch: Chunk[] = [];
    decoder.push(read, { push: (chunk) => void batch.push(chunk), flush() {}, end() {}, fail() {}, keep() {} });
    return batch;
  });
}

/** Encodes batches of chunks, one flush a batch. */
function encode({ encoder }: ChunkCodec, batches: readonly Chunk[][]): Counted {
  const all = stage<Chunk[], Chunk>((batch, out) => batch.forEach((chunk) => out.push(chunk)));
  return byHand(pipeline(all, encoder), batches);
}

function framing([name, wire, make]: (typeof framings)[number], size: number): Group {
  const from = input(wire, size);
  const { reads, bytes, messages } = from;
  const batches = decoded(make(), reads);
  const own = [inputChunks(from)];
  return {
    title: `\`${name}\`, messages of ${size === 64 ? "64 B" : "1 KiB"}`,
    unit: "message",
    units: messages,
    bytes,
    cases: [
      { name: "decode", run: () => decode(make(), reads) },
      { name: "encode what was decoded", run: () => encode(make(), batches).expect(bytes) },
      ...(name === "message" ? [{ name: "encode messages of one's own", run: () => void encode(make(), own) }] : []),
      {
        name: "decode, echo, encode",
        run() {
          const { decoder, encoder } = make();
          byHand(pipeline(decoder, echo<Chunk>(), encoder), reads).expect(bytes);
        },
      },
      {
        name: "decode, `exit`, echo, encode",
        run() {
          const { decoder, encoder } = make();
          byHand(pipeline(decoder, exit(), echo<Chunk>(), encoder), reads).expect(bytes);
        },
      },
    ],
  };
}

/** The groups of this file. */
export function framingGroups(): Group[] {
  const sized = [64, 1024].flatMap((size) => framings.map((each) => ({ each, size })));
  // raw knows no messages: its chunks are always as large as they may be.
  return [
    cutting(),
    ...sized.filter(({ each, size }) => each[0] !== "raw" || size === 1024).map(({ each, size }) =>
      framing(each, size)
    ),
  ];
}
