/**
 * Decoders written as grammars beside the same by hand.
 *
 * @module
 */
import type { Output, Stage } from "echopipe";
import { bytesOf, cutAt, join } from "echopipe/testing";
import type { Group } from "../measure.ts";
import { byGrammar, ByHand, type Words } from "./resp.ts";

/** Requests in a wire, and bytes of a read. */
const REQUESTS = 600;
const READ = 64 * 1024;

/** Requests to set a value of so many bytes, in reads that cut some of them; or one read a request. */
function reads(size: number, single: boolean): Uint8Array[] {
  const key = "key:000000000042";
  const request = bytesOf(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${size}\r\n${"x".repeat(size)}\r\n`);
  if (single) return Array(REQUESTS).fill(request);
  const wire = join(Array(REQUESTS).fill(request));
  return cutAt(wire, Array.from({ length: Math.floor(wire.length / READ) }, (_, i) => (i + 1) * READ));
}

/** Runs a decoder over the reads, and hands each request to `use`. */
function work(
  stage: Stage<Uint8Array, Words>,
  input: readonly Uint8Array[],
  use: (words: Words) => number,
): () => void {
  let sum = 0;
  const out: Output<Words> = { push: (words) => void (sum += use(words)), flush() {}, end() {}, fail() {}, keep() {} };
  return () => {
    sum = 0;
    for (const read of input) stage.push(read, out);
    if (sum < REQUESTS * 3) throw new Error(`Cannot measure: ${sum} words came; expected ${REQUESTS * 3}`);
  };
}

const decoder = new TextDecoder();
const asViews = (words: Words) => words.length;
/** Makes texts of the words, as most servers do. */
const asTexts = (words: Words) => words.reduce((sum, word) => sum + Math.min(1, decoder.decode(word).length), 0);

/** The groups of this chapter. */
export function grammarGroups(): Group[] {
  const groups: Group[] = [];
  for (const [name, use] of [["views", asViews], ["texts", asTexts]] as const) {
    for (const [size, single] of [[3, true], [3, false], [1024, false]] as const) {
      const input = reads(size, single);
      groups.push({
        title: `RESP, words as ${name}, values of ${size} B, ${single ? "one request a read" : "reads of 64 KiB"}`,
        unit: "request",
        units: REQUESTS,
        bytes: input.reduce((total, read) => total + read.length, 0),
        cases: [
          { name: "grammar", run: work(byGrammar(), input, use) },
          { name: "by hand", run: work(new ByHand(), input, use) },
        ],
      });
    }
  }
  return groups;
}
