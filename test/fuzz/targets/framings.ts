/**
 * Framings of chunks: the same chunks of a message for any cut, all within the limit, and bytes that come back unchanged.
 *
 * @module
 */
import assert from "node:assert/strict";
import { auto, Chunk, type ChunkCodec, EchopipeError, lengthPrefix, line, message, raw } from "echopipe";
import { cutAt, join } from "../../support/cuts.ts";
import type { SeededRandom } from "../../support/random.ts";
import type { FuzzTarget } from "../target.ts";

const CHUNK = 16;

/** What a decoder makes of reads: bytes of each message, and the code of the error that ended it. */
async function decoded({ decoder }: ChunkCodec, reads: Uint8Array[]) {
  const messages: { kind: string; bytes: number[]; whole: boolean }[] = [];
  let failure: string | undefined;
  try {
    for await (const chunk of decoder.over(reads)) {
      assert.ok(chunk instanceof Chunk);
      if (chunk.kind !== "control") assert.ok(chunk.length <= CHUNK, `a chunk of ${chunk.length} bytes`);
      if (chunk.first) messages.push({ kind: chunk.kind, bytes: [], whole: false });
      const open = messages.at(-1)!;
      open.bytes.push(...chunk.bytes);
      open.whole = chunk.last;
    }
  } catch (error) {
    if (!(error instanceof EchopipeError)) throw error;
    failure = error.code;
  }
  return { messages, failure };
}

/** The bytes that decoder and encoder make of reads, before an error. */
async function echoedBy({ decoder, encoder }: ChunkCodec, reads: Uint8Array[]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of encoder.over(decoder.over(reads))) pieces.push(piece.slice());
  } catch (error) {
    if (!(error instanceof EchopipeError)) throw error;
  }
  return join(pieces);
}

function randomCut(input: Uint8Array, random: SeededRandom): Uint8Array[] {
  return cutAt(input, Array.from({ length: random.size(8) }, () => random.int(input.length + 1)));
}

function framing(name: string, corpus: string, make: () => ChunkCodec): FuzzTarget {
  return {
    name,
    corpus,
    async check(input, random) {
      const whole = await decoded(make(), [input]);
      const cut = randomCut(input, random);
      const pieces = await decoded(make(), cut);
      // The first bytes of a line have gone on by the time it turns out to be an HTTP request.
      if (name === "auto" && whole.failure !== undefined) assert.equal(pieces.failure, whole.failure);
      else assert.deepEqual(pieces, whole, "the same for any cut");
      const back = await echoedBy(make(), cut);
      assert.deepEqual(back, input.subarray(0, back.length), "an echo is the start of the input");
      if (whole.failure === undefined) assert.equal(back.length, input.length, "all of it");
    },
  };
}

/** The framings. */
export const framings: readonly FuzzTarget[] = [
  framing("raw", "line", () => raw({ chunkSize: CHUNK })),
  framing("line", "line", () => line({ chunkSize: CHUNK })),
  framing("message", "wire", () => message({ chunkSize: CHUNK })),
  framing("auto", "wire", () => auto({ chunkSize: CHUNK })),
  framing("length-prefix", "wire", () => lengthPrefix({ chunkSize: CHUNK, width: 2 })),
];
