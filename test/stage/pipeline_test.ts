/** Pipelines of any number of stages, and of transforms of others among them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, jsonLines, lines, listen, message, pipe, pipeline, type Stage, stage } from "echopipe";
import { bytesOf, join } from "../support/cuts.ts";
import { Source, ways } from "../support/ways.ts";

const plus = () => stage<number, number>((item, out) => out.push(item + 1));
const capitals = () => stage<string, string>((line, out) => out.push(line.toUpperCase()));
const slow = () =>
  new TransformStream<number, number>({
    async transform(item, controller) {
      await null;
      controller.enqueue(item * 2);
      controller.enqueue(item);
    },
    flush: (controller) => controller.enqueue(-1),
  });

test("pipeline: eleven stages, typed", async () => {
  const text = stage<number, string>((item, out) => out.push(String(item)));
  const long: Stage<number, string> = pipeline(
    plus(),
    plus(),
    plus(),
    plus(),
    plus(),
    plus(),
    plus(),
    plus(),
    plus(),
    plus(),
    text,
  );
  assert.deepEqual(await Array.fromAsync(long.over([1, 2])), ["11", "12"]);
});

test("pipeline: types that do not fit are found by the compiler, in short and in long ones", () => {
  const types = () => {
    // @ts-expect-error -- numbers are no strings
    pipeline(plus(), capitals());
    // @ts-expect-error -- chunks are no bytes
    pipeline(message().decoder, new CompressionStream("gzip"));
    // @ts-expect-error -- numbers are no strings, the tenth
    pipeline(plus(), plus(), plus(), plus(), plus(), plus(), plus(), plus(), plus(), capitals(), capitals());
  };
  assert.ok(types);
});

test("pipeline: a transform of somebody else's in the middle, first, last and alone, in every way", async () => {
  const expected = [4, 2, 6, 3, -1];
  for (const [name, way] of Object.entries(ways)) {
    const run = (stages: Stage<number, number>[]) =>
      Array.fromAsync(way(new Source({ items: [1, 2] }).readable, stages));
    assert.deepEqual(await run([pipeline(plus(), slow())]), expected, name);
    assert.deepEqual(await run([pipeline(slow(), plus())]), [3, 2, 5, 3, 0], name);
    assert.deepEqual(await run([plus(), pipeline(slow()), stage((item, out) => out.push(item))]), expected, name);
  }
});

test("pipeline: compressed and decompressed, over a socket", async () => {
  await using listener = await listen({}, (peer) => {
    const { decoder, encoder } = lines();
    const gzip = new CompressionStream("gzip");
    return pipe(peer, pipeline(new DecompressionStream("gzip"), decoder, capitals(), encoder, gzip), peer);
  });
  const connection = await connect({ port: listener.address.port });
  const sent = bytesOf("one\ntwo\n".repeat(20_000));
  const source = new Blob([sent as Uint8Array<ArrayBuffer>]).stream();
  const sending = source.pipeThrough(new CompressionStream("gzip")).pipeTo(connection.writable);
  // The readable of a connection has the type that DecompressionStream takes.
  const text = await new Response(connection.readable.pipeThrough(new DecompressionStream("gzip"))).text();
  await sending;
  assert.equal(text, "ONE\nTWO\n".repeat(20_000));
});

test("pipeline: the types of encoders are those that a CompressionStream takes", async () => {
  const gzip = pipeline(jsonLines<number>().encoder, new CompressionStream("gzip"));
  const gunzip = pipeline(new DecompressionStream("gzip"), jsonLines<number>().decoder);
  assert.deepEqual(await Array.fromAsync(gunzip.over(gzip.over([1, 2, 3]) as AsyncIterable<Uint8Array<ArrayBuffer>>)), [
    1,
    2,
    3,
  ]);
  assert.ok(() => message().encoder.readable.pipeThrough(new CompressionStream("gzip")));
});

test("pipeline: a transform of somebody else's that fails fails the run, after what it made", async () => {
  const failing = () =>
    new TransformStream<number, number>({
      transform(item, controller) {
        if (item === 3) throw new Error("no 3");
        controller.enqueue(item);
      },
    });
  for (const name of ["over", "fused, pipeThrough", "chain"]) {
    const source = new Source({ items: [1, 2, 3, 4] }, true);
    const got: unknown[] = [];
    const reading = (async () => {
      for await (const item of ways[name](source.readable, [pipeline(plus(), failing(), plus())])) got.push(item);
    })();
    await assert.rejects(reading, { message: "no 3" });
    assert.deepEqual(got, [3]);
    await new Promise((resume) => setTimeout(resume, 0)); // a pipe passes it on in its own time
    assert.ok(source.cancelled, name);
  }
  await assert.rejects(Array.fromAsync(pipeline(new DecompressionStream("gzip")).over([Uint8Array.of(1, 2, 3)])));
});

test("pipeline: a transform of somebody else's hears of a consumer that leaves, and of a source that fails", async () => {
  let reasons = 0;
  const heard = () =>
    new TransformStream<number, number>({
      transform: (item, controller) => controller.enqueue(item),
      cancel: () => void reasons++,
    } as Transformer<number, number>);
  for await (const item of pipeline(heard(), plus()).over([1, 2, 3])) if (item === 3) break;
  const failing = new Source({ items: [1], failure: new Error("broken") }).readable as ReadableStream<number>;
  await assert.rejects(Array.fromAsync(pipeline(heard()).over(failing)), { message: "broken" });
  assert.equal(reasons, 2);
});

test("pipeline: a transform that ends by itself ends the stream", async () => {
  const first = new TransformStream<number, number>({
    transform(item, controller) {
      controller.enqueue(item);
      controller.terminate();
    },
  });
  const source = new Source({ items: [1, 2, 3] }, true);
  const found = pipeline(first, plus()).over(source.readable as ReadableStream<number>);
  assert.deepEqual(await Array.fromAsync(found), [2]);
});

test("pipeline: a transform whose streams are locked is refused", () => {
  const used = new TransformStream();
  used.writable.getWriter();
  assert.throws(() => pipeline(used), { name: "EchopipeError", code: "in-use" });
});

test("pipeline: bytes are whole behind a transform that keeps them, though the memory of a read is used again", async () => {
  const late = new TransformStream<Uint8Array, Uint8Array>({}, { highWaterMark: 8 }, { highWaterMark: 8 });
  const memory = new Uint8Array(4);
  const source = (function* () {
    for (let i = 0; i < 50; i++) yield memory.fill(i);
  })();
  const found = join(await Array.fromAsync(pipeline(late).over(source), (view) => view.slice()));
  assert.deepEqual(Array.from(found), Array.from({ length: 200 }, (_, i) => i >> 2));
});
