/**
 * What every codec of whole items must do: lines, JSON, frames and so on. A codec is tested by naming it, with what it
 * says on the wire.
 *
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Codec, EchopipeError } from "echopipe";
import fc from "fast-check";
import { allCuts, bytesOf, cutAtFractions, join, places } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { Source, ways } from "../support/ways.ts";

/** Something on the wire, and what is to come of it. */
export interface CodecCase<T> {
  readonly wire: Uint8Array | string;
  readonly items: readonly T[];
  /** Code and position of the error after them. */
  readonly failure?: readonly [code: string, position: number];
}

/** Result of decoding. */
export interface Decoded<T> {
  readonly items: T[];
  readonly failure: readonly [code: string, position: number | undefined] | undefined;
}

/** What a codec has to tell to be tested. */
export interface CodecUnderTest<T> {
  readonly name: string;
  make(): Codec<T>;
  /** Items that it can carry. */
  readonly item: fc.Arbitrary<T>;
  readonly cases: Readonly<Record<string, CodecCase<T>>>;
  /** A value of a wrong type, and its name in the error. */
  readonly wrong: readonly (readonly [value: unknown, type: string])[];
  /** Bytes that may come, and an independent decoder, as plain as can be: items and the code of the failure. */
  readonly wires?: fc.Arbitrary<Uint8Array>;
  naive?(wire: Uint8Array): { readonly items: T[]; readonly failure?: string };
}

const toBytes = (wire: Uint8Array | string) => typeof wire === "string" ? bytesOf(wire) : wire;
const kept = <T>(item: T) => (item instanceof Uint8Array ? Uint8Array.from(item) : item) as T;

/** Decodes pieces in one of the ways. */
export async function decoded<T>(codec: Codec<T>, pieces: Uint8Array[], way = "over"): Promise<Decoded<T>> {
  const items: T[] = [];
  try {
    const found = ways[way](new Source({ items: pieces }).readable, [codec.decoder]);
    for await (const item of found) items.push(kept(item as T));
  } catch (error) {
    assert.ok(error instanceof EchopipeError, String(error));
    assert.match(error.message, /^Cannot .*[^.]$/s);
    return { items, failure: [error.code, error.position] };
  }
  return { items, failure: undefined };
}

/** Encodes items, as bytes. */
export async function encoded<T>(codec: Codec<T>, items: readonly T[]): Promise<Uint8Array> {
  return join(await Array.fromAsync(codec.encoder.over(items), (view) => view.slice()));
}

/** Decodes pieces that are all read into the same memory, as those of a socket are. Items are copied as they come. */
function decodedInPlace<T>({ decoder }: Codec<T>, pieces: Uint8Array[]): T[] {
  const items: T[] = [];
  const out = { push: (item: T) => void items.push(kept(item)), flush() {}, end() {}, fail() {}, keep() {} };
  const memory = new Uint8Array(1024);
  for (const piece of pieces) {
    memory.fill(0xaa).set(piece);
    decoder.push(memory.subarray(0, piece.length), out);
    decoder.flush?.(out);
  }
  decoder.end?.(out);
  return items;
}

/** The contract, as tests of a codec. */
export function testCodec<T>({ name, make, item, cases, wrong, wires, naive }: CodecUnderTest<T>): void {
  const allWays = Object.keys(ways);

  test(`${name}: no input, no item, no error`, async () => {
    for (const pieces of [[], [new Uint8Array(0)]]) {
      for (const way of allWays) {
        assert.deepEqual(await decoded(make(), pieces, way), { items: [], failure: undefined });
      }
    }
  });

  for (const [title, { wire, items, failure }] of Object.entries(cases)) {
    test(`${name}: ${title}`, async () => {
      let cut = 0;
      for (const pieces of allCuts(toBytes(wire))) {
        for (const way of cut < 2 ? allWays : [allWays[cut % allWays.length]]) {
          const result = await decoded(make(), pieces, way);
          assert.deepEqual(result, { items, failure }, `${way}, cut ${pieces.map(({ length }) => length)}`);
        }
        cut++;
      }
    });
  }

  test(`${name}: an item whose rest has to come is begun, and at no other time`, async () => {
    const out = { push() {}, flush() {}, end() {}, fail() {}, keep() {} };
    const { decoder } = make();
    assert.equal(decoder.begun, false);
    const [first, second] = fc.sample(item, { numRuns: 2, seed: 11 });
    for (const wire of [await encoded(make(), [first]), await encoded(make(), [second])]) {
      for (const byte of wire.subarray(0, -1)) {
        decoder.push(Uint8Array.of(byte), out);
        assert.equal(decoder.begun, true);
      }
      decoder.push(wire.slice(-1), out);
      assert.equal(decoder.begun, false);
    }
  });

  test(`${name}: decode(cut(encode(x))) = x`, async () => {
    const property = fc.asyncProperty(fc.array(item, { maxLength: 8 }), places, async (sent, fractions) => {
      const wire = await encoded(make(), sent);
      const pieces = cutAtFractions(wire, fractions);
      assert.deepEqual(await decoded(make(), pieces), { items: sent, failure: undefined });
      if (wire.length <= 1024) assert.deepEqual(decodedInPlace(make(), pieces), sent);
    });
    await holds(150, property);
  });

  test(`${name}: items of one call are encoded as one view`, async () => {
    const sent = fc.sample(item, { numRuns: 8, seed: 7 });
    const views: Uint8Array[] = [];
    const out = { push: (view: Uint8Array) => void views.push(view), flush() {}, end() {}, fail() {}, keep() {} };
    const { encoder } = make();
    for (const each of sent) encoder.push(each, out);
    encoder.flush?.(out);
    assert.equal(views.length, 1);
    assert.deepEqual(views[0], await encoded(make(), sent));
  });

  test(`${name}: an item of the wrong type is an error that names it, in every way`, async () => {
    const out = { push() {}, flush() {}, end() {}, fail() {}, keep() {} };
    assert.throws(() => make().encoder.push(undefined as T, out), /type undefined/);
    for (const [value, type] of wrong) {
      for (const way of allWays) {
        const found = ways[way](new Source({ items: [value] }).readable, [make().encoder]);
        await assert.rejects(Array.fromAsync(found), (error: EchopipeError) => {
          assert.equal(error.code, "invalid-argument", way);
          assert.match(error.message, new RegExp(`^Cannot encode an item of type ${type}: expected `), way);
          return true;
        });
      }
    }
  });

  const garbage = wires ?? fc.uint8Array({ maxLength: 40 });
  test(`${name}: any bytes, however cut: ${naive === undefined ? "the same" : "as a plain decoder has it"}`, async () => {
    const property = fc.asyncProperty(garbage, places, async (wire, fractions) => {
      const whole = await decoded(make(), [wire]);
      assert.deepEqual(await decoded(make(), cutAtFractions(wire, fractions)), whole);
      if (naive === undefined) return;
      const { items, failure } = naive(wire);
      assert.deepEqual([whole.items, whole.failure?.[0]], [items, failure]);
    });
    await holds(150, property);
  });
}

/** Any item of a wrong type, for codecs of bytes. */
export const notBytes: CodecUnderTest<Uint8Array>["wrong"] = [
  ["text", "string"],
  [7, "number"],
  [{}, "Object"],
  [[1, 2], "Array"],
  [new ArrayBuffer(2), "ArrayBuffer"],
];
