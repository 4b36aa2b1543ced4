/** The length prefix in particular: limits, refusals, positions, memory. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { Chunk, echo, type EchopipeError, type Header, lengthPrefix, message, pipeline, type Stage } from "echopipe";
import { bytesOf, join } from "../support/cuts.ts";
import { Source } from "../support/ways.ts";
import { Run } from "../../src/stage/run.ts";

/** What a stage makes of items, and the error it ends with. */
async function run<I, O>(stage: Stage<I, O>, items: I[]): Promise<{ made: O[]; error: EchopipeError | undefined }> {
  const made: O[] = [];
  try {
    for await (const item of stage.over(items)) made.push(item);
  } catch (error) {
    return { made, error: error as EchopipeError };
  }
  return { made, error: undefined };
}

const part = (length: number, first: boolean, last: boolean, size?: number) =>
  new Chunk(new Uint8Array(length), 0, length, "text", first, last, size);
const limited = { limit: 8 };

test("a header of one's own: each is made in memory of its own, as wide as it is", async () => {
  const header = (fill: number): Header => ({
    width: 8,
    max: 255,
    sizeAt: (bytes, at) => bytes[at + 7],
    kindAt: () => "text",
    write(bytes, _kind, size) {
      assert.equal(bytes.length, 8);
      if (fill) bytes.fill(fill, 0, 7);
      bytes[7] = size;
    },
  });
  for (const [fill, first] of [[9, 9], [0, 0]]) {
    const { encoder } = lengthPrefix({ header: header(fill) });
    const bytes = join(await Array.fromAsync(encoder.over([Chunk.text("hi")])));
    assert.deepEqual([...bytes], [...Array(7).fill(first), 2, 104, 105]);
  }
});

test("a limit in both directions: the limit passes, one more is refused with both numbers", async () => {
  const fits = Chunk.whole(new Uint8Array(8), "text");
  const wire = join((await run(lengthPrefix(limited).encoder, [fits])).made);
  assert.equal((await run(lengthPrefix(limited).decoder, [wire])).error, undefined);

  const sent = await run(lengthPrefix(limited).encoder, [fits, Chunk.whole(new Uint8Array(9), "text")]);
  assert.equal(join(sent.made).length, 12, "what came before is sent, nothing of the refused one");
  assert.equal(sent.error?.code, "too-large");
  assert.deepEqual([sent.error?.received, sent.error?.limit], [9, 8]);

  const { error } = await run(lengthPrefix(limited).decoder, [wire, Uint8Array.of(0, 0, 0, 9)]);
  assert.equal(error?.code, "too-large");
  assert.deepEqual([error?.position, error?.received, error?.limit], [12, 9, 8]);
});

test("the encoder refuses what the header cannot carry, and leaves its output untouched", async () => {
  const tooLong: [ReturnType<typeof message>, number][] = [
    [lengthPrefix({ width: 1 }), 256],
    [lengthPrefix({ width: 1, includesHeader: true }), 255],
    [lengthPrefix({ width: 2, order: "little" }), 65_536],
    [lengthPrefix({ width: 4 }), 2 ** 32],
    [message(), 2 ** 30],
    [message(limited), 9],
  ];
  for (const [{ encoder }, size] of tooLong) {
    const { made, error } = await run(encoder, [part(1, true, false, size)]);
    assert.deepEqual(made, []);
    assert.equal(error?.code, "too-large");
    assert.deepEqual([error?.received, error?.limit], [size, size - 1]);
  }
});

test("the encoder refuses chunks that do not make up a message", async () => {
  const wrong: Record<string, Chunk[]> = {
    "no size": [part(1, true, true)],
    "a beginning inside a message": [part(1, true, false, 2), part(1, true, false, 2)],
    "a continuation of nothing": [part(1, false, true, 2)],
    "more than the size": [part(1, true, false, 2), part(2, false, true, 2)],
    "less than the size": [part(1, true, true, 2)],
    "all of the size, but not the last": [part(2, true, false, 2)],
  };
  for (const [name, chunks] of Object.entries(wrong)) {
    const { made, error } = await run(message().encoder, chunks);
    assert.equal(error?.code, "invalid-argument", name);
    assert.deepEqual(made, chunks.length > 1 ? [Uint8Array.of(0, 0, 0, 2), new Uint8Array(1)] : [], name);
  }
  assert.equal((await run(message().encoder, [part(1, true, false, 2)])).error?.code, "truncated");
});

test("an error tells the position, what was received and what was promised", async () => {
  const whole = Uint8Array.of(0, 0, 0, 1, 7);
  const ends: [Uint8Array[], number, number, number][] = [
    [[whole, Uint8Array.of(0, 0)], 7, 2, 4],
    [[whole, Uint8Array.of(0, 0, 0, 5)], 9, 0, 5],
    [[whole, Uint8Array.of(0, 0, 0, 5, 1, 2)], 11, 2, 5],
  ];
  for (const [reads, position, received, expected] of ends) {
    const { error } = await run(message().decoder, reads);
    assert.equal(error?.code, "truncated");
    assert.deepEqual([error?.position, error?.received, error?.expected], [position, received, expected]);
    assert.doesNotMatch(error!.message, /\.$/);
  }
  const { error } = await run(message().decoder, [
    whole,
    Uint8Array.of(0),
    Uint8Array.of(0xc0 - 0xc0, 0, 0),
    Uint8Array.of(0xc0, 0, 0, 0),
  ]);
  assert.deepEqual([error?.code, error?.position, error?.received], ["protocol", 9, "11"]);
});

test("a width of 8: lengths up to 2^53 - 1, beyond it is a protocol error", async () => {
  const most = Uint8Array.of(0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  assert.equal((await run(lengthPrefix({ width: 8 }).decoder, [most])).error?.code, "truncated");
  const beyond = Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0);
  assert.equal((await run(lengthPrefix({ width: 8 }).decoder, [beyond])).error?.code, "protocol");
  assert.equal((await run(lengthPrefix({ width: 8 }).decoder, [new Uint8Array(8).fill(255)])).error?.code, "protocol");
  const [header] =
    (await run(lengthPrefix({ width: 8 }).encoder, [part(1, true, false, Number.MAX_SAFE_INTEGER)])).made;
  assert.deepEqual(header, most);
});

test("options out of their range are refused", () => {
  const wrong = [{ width: 0 }, { width: 9 }, { width: 1.5 }, { limit: -1 }, { width: 1, limit: 256 }, { limit: NaN }, {
    order: "Big" as "big",
  }];
  for (const options of wrong) {
    assert.throws(() => lengthPrefix(options), { name: "EchopipeError", code: "invalid-argument" });
  }
  assert.throws(() => message({ limit: 2 ** 30 }), { code: "invalid-argument" });
});

test("many messages of one read are echoed in one piece, without a copy", async () => {
  const wire = join(Array.from({ length: 50 }, (_, i) => Uint8Array.of(0, 0, 0, 2, i, i)));
  const { decoder, encoder } = message();
  const made = await Array.fromAsync(
    new Source({ items: [wire] }).readable.pipeThrough(pipeline(decoder, echo(), encoder) as never),
  );
  assert.deepEqual(made, [wire]);
  assert.equal((made[0] as Uint8Array).buffer, wire.buffer);
});

test("a blocked sink: the source is read no further than one batch", async () => {
  const wire = join(Array.from({ length: 50 }, () => Uint8Array.of(0, 0, 0, 2, 1, 1)));
  const source = new Source({ items: Array(100).fill(wire) });
  const { decoder, encoder } = message();
  const reader = source.readable.pipeThrough(pipeline(decoder, echo(), encoder) as never).getReader();
  await reader.read();
  for (let i = 0; i < 20; i++) await null;
  assert.ok(source.taken <= 3, `${source.taken} reads`);
  await reader.cancel();
});

test("a header that promises much allocates nothing", async () => {
  const before = process.memoryUsage().arrayBuffers;
  for (const header of [Uint8Array.of(0x3f, 255, 255, 255), Uint8Array.of(0x80, 0, 16, 0), bytesOf("GET ")]) {
    await run(message().decoder, [header]);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 1024 * 1024);
});

test("a message of 1 GiB passes through echo in bounded memory", () => {
  const size = 2 ** 30 - 1;
  const { decoder, encoder } = message({ chunkSize: 16_384 });
  let sent = 0;
  const run = new Run<Uint8Array, Uint8Array>(pipeline(decoder, echo(), encoder).claim(), {
    push: (view) => void (sent += view.length),
    drained() {},
    stopped() {},
    settled() {},
  });
  const read = new Uint8Array(65_536);
  const before = process.memoryUsage();
  let most = 0;
  run.push(Uint8Array.of(0x3f, 0xff, 0xff, 0xff));
  for (let left = size; left > 0; left -= Math.min(left, read.length)) {
    run.push(left < read.length ? read.subarray(0, left) : read);
    if (left % (64 * read.length) === 0) most = Math.max(most, grown(before));
  }
  run.finish();
  assert.equal(sent, size + 4);
  assert.ok(Math.max(most, grown(before)) < 16 * 1024 * 1024, `${most} bytes more`);
});

function grown(before: NodeJS.MemoryUsage): number {
  const { arrayBuffers, external } = process.memoryUsage();
  return arrayBuffers + external - before.arrayBuffers - before.external;
}

test("a header of one's own: a type byte, a length of three, and what the encoder makes of it", async () => {
  const header: Header = {
    width: 4,
    max: 2 ** 24 - 1,
    sizeAt: (bytes, at) => bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3],
    kindAt: (bytes, at) => bytes[at] === 1 ? "text" : "data",
    write(bytes, kind, size) {
      bytes.set([kind === "text" ? 1 : 2, size >>> 16, size >>> 8, size]);
    },
  };
  const messages = [Chunk.text("hi"), Chunk.whole(Uint8Array.of(7))];
  const wire = join((await run(lengthPrefix({ header }).encoder, messages)).made);
  assert.deepEqual(wire, Uint8Array.of(1, 0, 0, 2, 104, 105, 2, 0, 0, 1, 7));
  const { made } = await run(lengthPrefix({ header }).decoder, [wire]);
  assert.deepEqual(made.map(({ kind, size }) => [kind, size]), [["text", 2], ["data", 1]]);
});

test("a control message longer than 4 KiB is not sent", async () => {
  const control = (length: number) => Chunk.whole(new Uint8Array(length), "control");
  assert.equal((await run(message().encoder, [control(4096)])).error, undefined);
  assert.equal((await run(message().encoder, [control(4097)])).error?.code, "too-large");
});
