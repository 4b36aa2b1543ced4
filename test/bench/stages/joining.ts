/**
 * The same stages joined in different ways: fused, and by streams or iterators between them.
 *
 * @module
 */
import { type Chunk, type ChunkCodec, echo, exit, line, message, pipeline, raw } from "echopipe";
import type { Group } from "../measure.ts";
import { drained, iterated } from "./drive.ts";
import { input, iterableOf, streamOf, type Wire } from "./inputs.ts";

function joining(name: string, wire: Wire, make: () => ChunkCodec, size: number): Group {
  const { reads, bytes, messages } = input(wire, size);
  const fused = () => {
    const { decoder, encoder } = make();
    return pipeline(decoder, exit(), echo<Chunk>(), encoder);
  };
  return {
    title: `\`${name}\`: decode, \`exit\`, echo, encode; messages of ${size === 64 ? "64 B" : "1 KiB"}`,
    unit: "message",
    units: messages,
    bytes,
    cases: [
      {
        name: "fused, between two streams",
        run: async () => (await drained(streamOf(reads).pipeThrough(fused()))).expect(bytes),
      },
      {
        name: "unfused: four `pipeThrough`",
        async run() {
          const { decoder, encoder } = make();
          const chunks = streamOf(reads).pipeThrough(decoder).pipeThrough(exit()).pipeThrough(echo<Chunk>());
          (await drained(chunks.pipeThrough(encoder))).expect(bytes);
        },
      },
      {
        name: "fused, over an iterator",
        run: async () => (await iterated(fused().over(iterableOf(reads)))).expect(bytes),
      },
      {
        name: "unfused: four `over`",
        async run() {
          const { decoder, encoder } = make();
          const chunks = echo<Chunk>().over(exit().over(decoder.over(iterableOf(reads))));
          (await iterated(encoder.over(chunks))).expect(bytes);
        },
      },
    ],
  };
}

/** The groups of this file. */
export function joiningGroups(): Group[] {
  return [
    joining("raw", "raw", raw, 1024),
    joining("line", "line", line, 1024),
    joining("message", "len32", message, 1024),
    joining("message", "len32", message, 64),
  ];
}
