/**
 * What every framing must do. A framing is tested by naming it, with what it says on the wire.
 *
 * Each case is run for the input whole, one byte a read, and cut in two at every place; and in every way of running a
 * stage (alone by `pipeThrough` and by `over`, fused with others).
 *
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chunk, type ChunkCodec, echo, type Encoder, type FramingOptions, type Kind } from "echopipe";
import fc from "fast-check";
import { allCuts, bytesOf, cutAtFractions, join, places } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { type AnyStage, collect, nameOf, Source, ways } from "../support/ways.ts";

/** A message as a test sees it, whole. */
export interface Message {
  readonly kind: Kind;
  readonly bytes: Uint8Array;
  /** False: the stream ended before the message did. */
  readonly complete: boolean;
}

/** Something on the wire, and what is to come of it. */
export interface WireCase {
  readonly wire: Uint8Array | string;
  /** The messages, with `!` after those that are not complete; kinds as `data:` and `control:` before them. */
  readonly messages: readonly string[];
  /** The code of the error after them. */
  readonly failure?: string;
  /** What comes back through an echo. Default: the wire as it is. */
  readonly echoed?: Uint8Array | string;
}

/** What a framing has to tell to be tested. */
export interface FramingUnderTest {
  readonly name: string;
  make(options?: FramingOptions): ChunkCodec;
  /** Encodes where `make` needs to see the peer's bytes first. */
  encode?(): Encoder;
  /** Messages that it can carry. */
  readonly message: fc.Arbitrary<Chunk>;
  /** Whether the messages that come out are those that went in; else only their bytes, joined, are. */
  readonly keepsMessages: boolean;
  readonly cases: Readonly<Record<string, WireCase>>;
}

/** Gathers chunks into messages, as names, and checks what every chunkSize must be. */
class Messages {
  readonly names: string[] = [];
  readonly joined: Uint8Array[] = [];
  readonly #limit: number;
  #open: { kind: Kind; pieces: Uint8Array[]; size: number | undefined } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunkSize: Chunk): void {
    const { kind, first, last, size, bytes } = chunkSize;
    assert.equal(chunkSize.length, bytes.length);
    assert.equal(first, this.#open === undefined, "a message begins where none is open, and only there");
    if (kind !== "control") assert.ok(bytes.length <= this.#limit, `a chunk of ${bytes.length} bytes`);
    assert.ok(bytes.length > 0 || first && last, "an empty chunkSize");
    const open = this.#open ??= { kind, pieces: [], size };
    assert.equal(kind, open.kind);
    assert.equal(size, open.size);
    open.pieces.push(bytes.slice());
    if (last) this.#close("");
  }

  end(): string[] {
    if (this.#open) this.#close("!");
    return this.names;
  }

  #close(mark: string): void {
    const { kind, pieces, size } = this.#open!;
    const bytes = join(pieces);
    if (mark === "" && size !== undefined) assert.equal(bytes.length, size, "the size that was promised");
    const text = new TextDecoder("latin1").decode(bytes);
    this.names.push(`${kind === "text" ? "" : `${kind}:`}${text}${mark}`);
    this.joined.push(...pieces);
    this.#open = undefined;
  }
}

const toBytes = (wire: Uint8Array | string) => typeof wire === "string" ? bytesOf(wire) : wire;

/** Reads what stages make of pieces. */
type Read<T> = (items: AsyncIterable<unknown>) => Promise<T>;

const allWays = Object.keys(ways);

/** Runs pieces through stages in each of the ways; they must come to the same. */
async function inWays<T>(names: string[], pieces: Uint8Array[], make: () => AnyStage[], read: Read<T>): Promise<T> {
  let expected: T | undefined;
  for (const name of names) {
    const outcome = await read(ways[name](new Source({ items: pieces }).readable, make()));
    if (expected === undefined) expected = outcome;
    else assert.deepEqual(outcome, expected, name);
  }
  return expected!;
}

/** Decodes pieces; the names of the messages, and the code of the error after them. */
function decode(framing: FramingUnderTest, pieces: Uint8Array[], chunkSize = 4, names = allWays) {
  return inWays(names, pieces, () => [framing.make({ chunkSize }).decoder], async (items) => {
    const messages = new Messages(chunkSize);
    let failure: string | undefined;
    try {
      for await (const item of items) messages.add(item as Chunk);
    } catch (error) {
      failure = nameOf(error);
    }
    return { messages: messages.end(), bytes: join(messages.joined), failure };
  });
}

/** Echoes pieces; the bytes that come back, and the code of the error after them. */
function echoed(framing: FramingUnderTest, pieces: Uint8Array[], chunkSize = 4, names = allWays) {
  const make = () => {
    const { decoder, encoder } = framing.make({ chunkSize });
    return [decoder, echo<Chunk>(), encoder];
  };
  return inWays(names, pieces, make, async (items) => {
    const { items: views, failure } = await collect(items, (view) => (view as Uint8Array).slice());
    return { bytes: join(views as Uint8Array[]), failure };
  });
}

async function encode(framing: FramingUnderTest, messages: Chunk[]): Promise<Uint8Array> {
  const encoder = framing.encode?.() ?? framing.make().encoder;
  return join(await Array.fromAsync(encoder.over(messages), (view) => view.slice()));
}

/** The contract, as tests of a framing. */
export function testFraming(framing: FramingUnderTest): void {
  const { name } = framing;

  test(`${name}: no input, no message, no error`, async () => {
    for (const pieces of [[], [new Uint8Array(0)]]) {
      const { messages, failure } = await decode(framing, pieces);
      assert.deepEqual([messages, failure], [[], undefined]);
      assert.deepEqual(await echoed(framing, pieces), { bytes: new Uint8Array(0), failure: undefined });
    }
  });

  for (const [title, { wire, messages, failure, echoed: back = wire }] of Object.entries(framing.cases)) {
    test(`${name}: ${title}`, async () => {
      let cut = 0;
      for (const pieces of allCuts(toBytes(wire))) {
        // Whole and byte for byte in every way; cut in two in one of them after the other.
        const names = cut < 2 ? allWays : [allWays[cut % allWays.length]];
        cut++;
        const decoded = await decode(framing, pieces, 4, names);
        assert.deepEqual([decoded.messages, decoded.failure], [messages, failure]);
        const echo = await echoed(framing, pieces, 4, names);
        assert.equal(echo.failure, failure);
        if (failure === undefined) assert.deepEqual(echo.bytes, toBytes(back));
        else {
          assert.deepEqual(echo.bytes, toBytes(back).subarray(0, echo.bytes.length));
          const returned = await decode(framing, [echo.bytes], 4, ["over"]);
          const complete = (names: readonly string[]) => names.filter((name) => !name.endsWith("!"));
          assert.deepEqual(complete(returned.messages), complete(messages), "what came before comes back");
        }
      }
    });
  }

  test(`${name}: decode(cut(encode(x))) = x, for chunks of any size`, async () => {
    const property = fc.asyncProperty(
      fc.array(framing.message, { maxLength: 6 }),
      places,
      fc.integer({ min: 1, max: 12 }),
      async (sent, fractions, chunkSize) => {
        const wire = await encode(framing, sent);
        const { messages, bytes, failure } = await decode(framing, cutAtFractions(wire, fractions), chunkSize, [
          "over",
        ]);
        assert.equal(failure, undefined);
        const expected = new Messages(Infinity);
        sent.forEach((message) => expected.add(message));
        if (framing.keepsMessages) assert.deepEqual(messages, expected.names);
        assert.deepEqual(bytes, join(expected.joined));
      },
    );
    await holds(150, property);
  });

  test(`${name}: any bytes, however cut: no crash, and what comes back is what was sent`, async () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    await holds(
      50,
      fc.asyncProperty(bytes, places, fc.integer({ min: 1, max: 8 }), async (wire, fractions, chunkSize) => {
        const whole = await decode(framing, [wire], chunkSize, ["over"]);
        const pieces = cutAtFractions(wire, fractions);
        assert.deepEqual(await decode(framing, pieces, chunkSize, ["fused, over"]), whole);
        const back = await echoed(framing, pieces, chunkSize, ["over", "fused, over"]);
        assert.deepEqual(back.bytes, wire.subarray(0, back.bytes.length));
        assert.equal(back.failure, whole.failure);
      }),
    );
  });

  test(`${name}: chunks are views of what was read`, async () => {
    const wire = await encode(framing, fc.sample(framing.message, { numRuns: 5, seed: 1 }));
    for await (const chunk of framing.make().decoder.over([wire])) {
      if (chunk.length > 0 && chunk.kind !== "control") assert.equal(chunk.bytes.buffer, wire.buffer);
    }
  });

  for (const chunkSize of [0, -1, 1.5, NaN, 2 ** 24 + 1]) {
    test(`${name}: a chunk of ${chunkSize} bytes is refused`, () => {
      assert.throws(() => framing.make({ chunkSize }).decoder.readable && assert.fail(), {
        name: "EchopipeError",
        code: "invalid-argument",
      });
    });
  }
}

/** Messages of bytes, of any of the kinds. */
export function anyMessage(...kinds: Kind[]): fc.Arbitrary<Chunk> {
  return fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(...kinds))
    .map(([bytes, kind]) => Chunk.whole(bytes, kind));
}
