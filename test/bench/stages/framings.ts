/**
 * What framings cost, by calls alone: decoding, encoding, and the way of an echo through both.
 *
 * @module
 */
import { chunks, type Codec, echo, exit, line, message, pipeline, type Portion, raw, stage } from "echopipe";
import type { Case, Group } from "../measure.ts";
import { byHand, Counted } from "./drive.ts";
import { type Input, input, portions, type Wire } from "./inputs.ts";

const framings: readonly (readonly [name: string, wire: Wire, make: () => Codec])[] = [
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
    unit: "portion",
    units: messages,
    bytes,
    cases: [
      { name: "`chunks()`: bytes to views", run: () => byHand(chunks(), reads).expect(bytes, messages) },
      { name: "`raw().decoder`: bytes to portions", run: () => decode(raw(), reads) },
      chunksByHand(pieces),
    ],
  };
}

/** Decodes; portions are counted by the decoder itself, and nothing is made of them. */
function decode({ decoder }: Codec, reads: readonly Uint8Array[]): void {
  const counted = byHand(decoder, reads);
  if (decoder.portions !== counted.items || counted.items === 0) {
    throw new Error("Cannot measure: portions are missing");
  }
}

/** Portions as the decoder makes them, to be encoded again: neighbours in one read, batch by batch. */
function decoded({ decoder }: Codec, reads: readonly Uint8Array[]): Portion[][] {
  return reads.map((read) => {
    const batch: Portion[] = [];
    decoder.push(read, { push: (portion) => void batch.push(portion), flush() {}, end() {} });
    return batch;
  });
}

/** Encodes batches of portions, one flush a batch. */
function encode({ encoder }: Codec, batches: readonly Portion[][]): Counted {
  const all = stage<Portion[], Portion>((batch, out) => batch.forEach((portion) => out.push(portion)));
  return byHand(pipeline(all, encoder), batches);
}

function framing([name, wire, make]: (typeof framings)[number], size: number): Group {
  const from = input(wire, size);
  const { reads, bytes, messages } = from;
  const batches = decoded(make(), reads);
  const own = [portions(from)];
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
          byHand(pipeline(decoder, echo<Portion>(), encoder), reads).expect(bytes);
        },
      },
      {
        name: "decode, `exit`, echo, encode",
        run() {
          const { decoder, encoder } = make();
          byHand(pipeline(decoder, exit(), echo<Portion>(), encoder), reads).expect(bytes);
        },
      },
    ],
  };
}

/** The groups of this file. */
export function framingGroups(): Group[] {
  const sized = [64, 1024].flatMap((size) => framings.map((each) => ({ each, size })));
  // raw knows no messages: its portions are always as large as they may be.
  return [
    cutting(),
    ...sized.filter(({ each, size }) => each[0] !== "raw" || size === 1024).map(({ each, size }) =>
      framing(each, size)
    ),
  ];
}
