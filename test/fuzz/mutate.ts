/**
 * Changes inputs a little: the ways that have found faults in decoders.
 *
 * @module
 */
import type { SeededRandom } from "../support/random.ts";

/** Inputs never grow beyond this, in bytes. */
const MAX_INPUT = 16 * 1024;
/** Numbers at the edge of a field. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x3fff, 0x4000, 0x8000, 0xffff, 0x3fffffff, 0x40000000, 0x80000000, 0xffffffff];

type Change = (bytes: Uint8Array, random: SeededRandom, others: readonly Uint8Array[]) => Uint8Array;

const splice = (bytes: Uint8Array, at: number, removed: number, added: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);

const changes: readonly Change[] = [
  function flipBit(bytes, random) {
    const changed = bytes.slice();
    if (changed.length > 0) changed[random.int(changed.length)] ^= 1 << random.int(8);
    return changed;
  },
  function setByte(bytes, random) {
    const changed = bytes.slice();
    if (changed.length > 0) changed[random.int(changed.length)] = random.pick(edges) & 0xff;
    return changed;
  },
  function cut(bytes, random) {
    return bytes.slice(0, random.int(bytes.length + 1));
  },
  function remove(bytes, random) {
    return splice(bytes, random.int(bytes.length + 1), random.size(16), new Uint8Array());
  },
  function insert(bytes, random) {
    return splice(bytes, random.int(bytes.length + 1), 0, random.bytes(random.size(16)));
  },
  function repeat(bytes, random) {
    const from = random.int(bytes.length + 1);
    const part = bytes.subarray(from, from + random.size(256));
    return splice(bytes, from, 0, Buffer.concat(Array.from({ length: random.size(64) }, () => part)));
  },
  function cross(bytes, random, others) {
    const other = random.pick(others);
    return splice(bytes, random.int(bytes.length + 1), bytes.length, other.subarray(random.int(other.length + 1)));
  },
  function number(bytes, random) {
    const changed = bytes.slice();
    const width = random.pick([1, 2, 4].filter((width) => width <= changed.length).concat(0));
    if (width === 0) return changed;
    Buffer.from(changed.buffer).writeUIntBE(
      random.pick(edges) % 256 ** width,
      random.int(changed.length - width + 1),
      width,
    );
    return changed;
  },
  function text(bytes, random) {
    const word = random.pick([
      "\r\n",
      "\n",
      "exit\n",
      "\0",
      "\u{feff}",
      "ü",
      "\u{10ffff}",
      '"',
      "{}",
      "[",
      "1e999",
      "-0",
    ]);
    return splice(bytes, random.int(bytes.length + 1), random.int(4), Buffer.from(word));
  },
];

/** An input changed in one to eight ways. */
export function mutate(bytes: Uint8Array, random: SeededRandom, others: readonly Uint8Array[]): Uint8Array {
  let changed = bytes;
  for (let i = random.size(8); i > 0; i--) changed = random.pick(changes)(changed, random, others);
  return new Uint8Array(changed.subarray(0, MAX_INPUT));
}
