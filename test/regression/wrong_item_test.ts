/** Items of the wrong type: a string vanished in `line().encoder`, was sent raw on Node and refused by Deno. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { within } from "../support/deadline.ts";
import {
  type Chunk,
  connect,
  type Connection,
  echo,
  line,
  listen,
  message,
  pipe,
  pipeline,
  raw,
  stage,
} from "echopipe";

const strings = () => stage<Uint8Array, never>((_, out) => out.push("text" as never));

test("12-1: an encoder of chunks that is given a string names its type", async () => {
  for (const make of [raw, line, message]) {
    for (const wrong of ["text", new Uint8Array(2)] as unknown as Chunk[]) {
      const refused = {
        code: "invalid-argument",
        message: `Cannot encode an item of type ${
          typeof wrong === "string" ? "string" : "Uint8Array"
        }: expected a Chunk`,
      };
      await assert.rejects(Array.fromAsync(make().encoder.over([wrong])), refused);
      const stream = new ReadableStream<Chunk>({
        start(controller) {
          controller.enqueue(wrong);
          controller.close();
        },
      });
      await assert.rejects(Array.fromAsync(stream.pipeThrough(make().encoder)), refused);
    }
  }
});

test("12-1: a connection that is given a string names its type, in every way of writing", async () => {
  const failures: Error[] = [];
  const ways = [
    (peer: Connection) => pipe(peer, pipeline(echo<Uint8Array>(), strings()), peer),
    (peer: Connection) => peer.readable.pipeThrough(strings()).pipeTo(peer.writable),
    (peer: Connection) =>
      peer.readable.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform: (_, controller) => controller.enqueue("text" as never),
        }),
      ).pipeTo(peer.writable),
  ];
  for (const way of ways) {
    const before = failures.length;
    const handler = (peer: Connection) => way(peer).catch((error) => void failures.push(error));
    await using listener = await listen({}, handler);
    await using connection = await connect({ port: listener.address.port });
    await connection.write(Uint8Array.of(1));
    await within(() => failures.length > before, "the handler fails");
  }
  const expected = "Cannot write an item of type string: expected a Uint8Array";
  assert.deepEqual(failures.map(({ message }) => message), [expected, expected, expected]);
});
