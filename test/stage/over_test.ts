/** Leaving a loop over a stage: the source is cancelled, or left as it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, decoder, listen } from "echopipe";
import { bytesOf, textOf } from "echopipe/testing";
import { same } from "../support/stages.ts";

const lines = () =>
  decoder(function* (read) {
    return yield* read.line();
  });

test("preventCancel: a stream is left unlocked, and can be read on", async () => {
  for (const preventCancel of [true, false]) {
    const source = ReadableStream.from(["a", "b", "c"]);
    for await (const item of same().over(source, { preventCancel })) {
      assert.equal(item, "a");
      break;
    }
    assert.deepEqual(await Array.fromAsync(source), preventCancel ? ["b", "c"] : []);
  }
});

test("preventCancel: an iterator is not ended", async () => {
  for (const preventCancel of [true, false]) {
    let ended = false;
    const source = (function* () {
      try {
        yield* ["a", "b", "c"];
      } finally {
        ended = true;
      }
    })();
    for await (const _ of same().over(source, { preventCancel })) break;
    assert.equal(ended, !preventCancel);
  }
});

test("preventCancel: a connection can be written to, and read on", async () => {
  await using listener = await listen({}, async (peer) => {
    await peer.write(bytesOf("name?\n"));
    await peer.write(await peer.read() ?? bytesOf("nothing"));
  });
  await using connection = await connect({ port: listener.address.port });
  for await (const line of lines().over(connection.readable, { preventCancel: true })) {
    assert.equal(line, "name?");
    break;
  }
  await connection.write(bytesOf("Ada"));
  const { value } = await connection.readable.getReader().read();
  assert.equal(textOf(value!), "Ada");
});
