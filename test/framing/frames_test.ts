/** Frames: messages with their length in front. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { frames, type FramesOptions } from "echopipe";
import fc from "fast-check";
import { bytesOf, join } from "../support/cuts.ts";
import { type CodecCase, decoded, encoded, notBytes, testCodec } from "./codec_contract.ts";

const limit = 100;
const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });

/** A length field, written digit by digit. */
function field({ width = 4, order = "big" }: FramesOptions, length: number): Uint8Array {
  const digits: number[] = [];
  if (width === "varint") {
    let rest = BigInt(length);
    for (; rest > 127n; rest >>= 7n) digits.push(Number(rest & 127n) | 128);
    return Uint8Array.of(...digits, Number(rest));
  }
  for (let rest = BigInt(length); digits.length < width; rest >>= 8n) digits.push(Number(rest & 255n));
  return Uint8Array.from(order === "little" ? digits : digits.reverse());
}

/** Reads frames as the words of the documentation have it. */
function plainFrames(wire: Uint8Array, options: FramesOptions): { items: Uint8Array[]; failure?: string } {
  const { width = 4, order = "big", offset = 0, adjustment = 0, includesHeader = false, strip } = options;
  const items: Uint8Array[] = [];
  let rest = [...wire];
  while (rest.length > 0) {
    const after = rest.slice(offset);
    let size = width === "varint" ? after.findIndex((byte) => byte < 128) + 1 : width;
    if (size === 0 && after.length >= 10) return { items, failure: "protocol" };
    if (size > 10) return { items, failure: "protocol" };
    if (size === 0 || after.length < size) return { items, failure: "truncated" };
    let digits = after.slice(0, size).map(BigInt);
    if (width !== "varint" && order === "big") digits = digits.reverse();
    const base = width === "varint" ? 128n : 256n;
    const length = digits.reduceRight((sum, digit) => sum * base + digit % base, 0n);
    size += offset;
    const payload = Number(length) + adjustment - (includesHeader ? size : 0);
    if (payload < 0) return { items, failure: "protocol" };
    if (payload > (options.limit ?? limit)) return { items, failure: "too-large" };
    if (rest.length < size + payload) return { items, failure: "truncated" };
    if ((strip ?? 0) > size + payload) return { items, failure: "protocol" };
    items.push(Uint8Array.from(rest.slice(strip ?? size, size + payload)));
    rest = rest.slice(size + payload);
  }
  return { items };
}

function nameOf(options: FramesOptions): string {
  return `frames ${Object.entries(options).map(([name, value]) => `${name} ${value}`).join(", ")}`;
}

function testFrames(options: FramesOptions, item = bytes(20)): void {
  const { offset = 0, adjustment = 0, includesHeader = false, strip, width = 4 } = options;
  const wireOf = (payload: string, promised = payload.length) => {
    let header = offset + (width === "varint" ? 1 : width);
    if (width === "varint" && promised + header > 127) header++;
    const length = promised - adjustment + (includesHeader ? header : 0);
    return join([new Uint8Array(offset).fill(9), field(options, length), bytesOf(payload)]);
  };
  const seen = (payload: string) => {
    const wire = wireOf(payload);
    return wire.subarray(strip ?? wire.length - payload.length);
  };
  const at = wireOf("one").length;
  const cases: Record<string, CodecCase<Uint8Array>> = {
    "one, several, one of no bytes, one as long as the limit": {
      wire: join([wireOf("one"), wireOf("seventy"), wireOf("four"), wireOf("x".repeat(limit))]),
      items: ["one", "seventy", "four", "x".repeat(limit)].map(seen),
    },
    "longer than the limit, from the header alone": {
      wire: join([wireOf("one"), wireOf("", limit + 1)]),
      items: [seen("one")],
      failure: ["too-large", at],
    },
    "the end just after a header": {
      wire: join([wireOf("one"), wireOf("", 5)]),
      items: [seen("one")],
      failure: ["truncated", at + wireOf("", 5).length],
    },
    "the end inside a payload": {
      wire: wireOf("abc", 5),
      items: [],
      failure: ["truncated", wireOf("abc", 5).length],
    },
  };
  if (offset > 0 || width !== 1 && width !== "varint") {
    cases["the end inside a header"] = {
      wire: join([wireOf("one"), wireOf("one").subarray(0, 1)]),
      items: [seen("one")],
      failure: ["truncated", at + 1],
    };
  }
  testCodec<Uint8Array>({
    name: nameOf(options),
    make: () => frames({ limit, ...options }),
    item,
    cases,
    wrong: notBytes,
    wires: fc.oneof(
      bytes(40),
      fc.array(fc.oneof(fc.integer({ max: 12, min: 0 }), fc.constantFrom(0, 0, 0, 128, 255)), { maxLength: 40 }).map((
        all,
      ) => Uint8Array.from(all)),
      fc.array(fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }), { maxLength: 5 }).map((all) =>
        join(
          all.filter((text) => text.length + offset - adjustment >= 0 && text.length >= adjustment).map((text) =>
            wireOf(text)
          ),
        )
      ),
    ),
    naive: (wire) => plainFrames(wire, options),
  });
}

for (const width of [1, 2, 3, 4, 8, "varint"] as const) testFrames({ width });
for (const width of [2, 3, 4, 8] as const) testFrames({ width, order: "little" });
for (const width of [1, 2, 4, "varint"] as const) testFrames({ width, includesHeader: true });
// The examples of Netty's LengthFieldBasedFrameDecoder: headers before and behind the length.
testFrames({ width: 2, offset: 2 });
testFrames({ width: 3, offset: 2, adjustment: 1 }, bytes(20, 1));
testFrames({ width: 2, offset: 1, adjustment: 1, strip: 3 }, bytes(20, 1));
testFrames({ width: 2, offset: 1, includesHeader: true });
testFrames({ width: 2, adjustment: -2 });
testFrames({ width: "varint", offset: 3 });
testFrames({ width: "varint", adjustment: -1 });

test("frames: strip 0 gives and takes whole frames, and the encoder fills the length in", async () => {
  const make = () => frames({ width: 2, offset: 1, strip: 0, limit });
  const wire = Uint8Array.of(7, 0, 2, 65, 66, 8, 0, 0);
  const { items } = await decoded(make(), [wire.subarray(0, 6), wire.subarray(6)]);
  assert.deepEqual(items, [wire.subarray(0, 5), wire.subarray(5)]);
  const blank = [Uint8Array.of(7, 0, 0, 65, 66), Uint8Array.of(8, 0xff, 0xff)];
  assert.deepEqual(await encoded(make(), blank), wire);
  assert.deepEqual(blank[1], Uint8Array.of(8, 0xff, 0xff), "the item is not changed");
  await assert.rejects(encoded(make(), [Uint8Array.of(7, 0)]), { code: "invalid-argument" });

  const varint = () => frames({ width: "varint", offset: 1, strip: 0 });
  const frame = Uint8Array.of(9, 2, 1, 1);
  assert.deepEqual((await decoded(varint(), [frame])).items, [frame]);
  assert.deepEqual(await encoded(varint(), [frame]), frame);
  for (const wrong of [Uint8Array.of(9, 1, 1, 1), Uint8Array.of(9)]) {
    await assert.rejects(encoded(varint(), [wrong]), { code: "invalid-argument" });
  }
});

test("frames: bytes that are dropped are sent as zeros", async () => {
  assert.deepEqual(
    await encoded(frames({ width: 1, offset: 2 }), [bytesOf("a"), bytesOf("b")]),
    Uint8Array.of(0, 0, 1, 97, 0, 0, 1, 98),
  );
  const more = { width: 1, strip: 3 } as const;
  assert.deepEqual(await encoded(frames(more), [bytesOf("a")]), Uint8Array.of(3, 0, 0, 97));
  assert.deepEqual((await decoded(frames(more), [Uint8Array.of(1, 0)])).failure, ["protocol", 0]);
});

test("frames: what the header or the limit does not allow is not sent, and those before it are", async () => {
  const one = new Uint8Array(1);
  for (
    const [options, size, code] of [
      [{ width: 1 }, 256, "too-large"],
      [{ width: 1, includesHeader: true }, 255, "too-large"],
      [{ limit: 9 }, 10, "too-large"],
      [{ adjustment: 5 }, 4, "invalid-argument"],
    ] as const
  ) {
    const sent: Uint8Array[] = [];
    const first = "adjustment" in options ? new Uint8Array(5) : one;
    const sending = (async () => {
      for await (const view of frames(options).encoder.over([first, new Uint8Array(size)])) sent.push(view.slice());
    })();
    await assert.rejects(sending, { name: "EchopipeError", code });
    assert.deepEqual(join(sent), await encoded(frames(options), [first]));
  }
});

test("frames: a varint that never ends, and a length beyond 2^53", async () => {
  const endless = new Uint8Array(11).fill(0xff);
  assert.deepEqual((await decoded(frames({ width: "varint" }), [endless])).failure, ["protocol", 0]);
  const long = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  assert.deepEqual((await decoded(frames({ width: 8 }), [long])).failure, ["too-large", 0]);
});

test("frames: a header that promises much gets no memory for it", () => {
  const { decoder } = frames({ limit: 2 ** 30 - 1 });
  const out = { push() {}, flush() {}, end() {}, fail() {}, keep() {} };
  const before = process.memoryUsage().arrayBuffers;
  decoder.push(Uint8Array.of(0x3f, 0xff, 0xff, 0xff, 1), out);
  assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);
});

test("frames: large ones pass uncopied, small ones of one read are views of it", async () => {
  const large = new Uint8Array(100_000).fill(1);
  const views = await Array.fromAsync(frames().encoder.over([large]));
  assert.equal(views.at(-1), large);
  assert.equal(views.length, 2);
  const wire = await encoded(frames(), [large, bytesOf("a")]);
  const found = await Array.fromAsync(frames().decoder.over([wire]));
  assert.deepEqual(found.map((view) => view.buffer === wire.buffer), [true, true]);
});

test("frames: options out of their range are refused", () => {
  const wrong = [
    { width: 5 },
    { width: "4" },
    { order: "middle" },
    { offset: -1 },
    { offset: 256 },
    { adjustment: 0.5 },
    { strip: -1 },
    { width: "varint", strip: 1 },
    { limit: -1 },
    { limit: 2 ** 30 },
  ] as unknown as FramesOptions[];
  for (const options of wrong) {
    assert.throws(() => frames(options), { name: "EchopipeError", code: "invalid-argument" });
  }
});
