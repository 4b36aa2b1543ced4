/** What came while a reader had left, or had not read yet, reaches the next one, and never passes for what TLS protects. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, listen, type Output, stage } from "echopipe";
import { bytesOf, textOf } from "../support/cuts.ts";
import { within } from "../support/deadline.ts";

test("bytes that came between two chains of stages pass the second", async () => {
  const passed: string[] = [];
  await using listener = await listen({}, async (peer) => {
    let out!: Output<Uint8Array>;
    const first = stage<Uint8Array, Uint8Array>({ start: (to) => void (out = to), push() {} });
    const reader = peer.readable.pipeThrough(first).getReader();
    const ended = reader.read(); // pulls: a read of the connection is pending when the stage ends
    await sleep(20);
    out.end();
    assert.ok((await ended).done);
    await peer.write(bytesOf("next\n"));
    await within(() => peer.traffic.received === 4, "the bytes have come");
    await peer.become(stage((bytes, to) => {
      passed.push(textOf(bytes));
      to.push(bytes);
    }));
  });
  await using client = await connect({ port: listener.address.port });
  assert.equal(textOf((await client.read())!), "next\n");
  await client.write(bytesOf("AAAA"));
  await sleep(50);
  await client.write(bytesOf("BBBB"));
  await client.endWrite();
  assert.equal(await new Response(client.readable).text(), "AAAABBBB");
  assert.equal(passed.join(""), "AAAABBBB");
});
