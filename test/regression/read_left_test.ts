/** What came while a reader had left, or had not read yet, reaches the next one, and never passes for what TLS protects. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Connection, listen, type Output, stage } from "echopipe";
import { serve } from "echopipe/server";
import { bytesOf, textOf } from "../support/cuts.ts";
import { authority, server as certificate } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";

const needsNode = "Deno" in globalThis ? "Deno has no call for TLS in the middle, at the end that serves" : false;
/** Longer than two looks of a server at its connections: it reads ahead by then. */
const TWO_LOOKS = 2200;

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

/** Serves one client whose handler works for a while before it starts TLS; `before` is called by the client meanwhile. */
async function startsTlsLate(
  before: (client: Connection) => Promise<void>,
): Promise<{ said: string; failure: string }> {
  let said = "";
  let failure = "";
  const onError = (error: unknown) => void (failure = (error as { code: string }).code);
  await using server = await serve({ onError }, async (peer) => {
    await peer.read();
    await sleep(TWO_LOOKS);
    await peer.write(bytesOf("go"));
    await peer.startTls({ ...certificate, isServer: true });
    said = textOf((await peer.read())!);
    await peer.write(bytesOf(said));
  });
  await using client = await connect({ port: server.address.port });
  await client.write(bytesOf("STARTTLS"));
  await before(client);
  try {
    assert.equal(textOf((await client.read())!), "go");
    await client.startTls({ ca: authority });
    await client.write(bytesOf("secret"));
    assert.equal(textOf((await client.read())!), "secret");
  } catch {
    await within(() => failure !== "", "the handler fails");
  }
  return { said, failure };
}

test("a server that read ahead meanwhile can start TLS", { skip: needsNode }, async () => {
  assert.deepEqual(await startsTlsLate(async () => {}), { said: "secret", failure: "" });
});

for (const size of [10, 64 * 1024]) {
  test(`${size} bytes that were read ahead do not pass for bytes of TLS`, { skip: needsNode }, async () => {
    const inject = async (client: Connection) => {
      await sleep(100);
      await client.write(new Uint8Array(size).fill(73));
    };
    assert.deepEqual(await startsTlsLate(inject), { said: "", failure: "protocol" });
  });
}

test("a client may take its time before it starts TLS", { skip: needsNode }, async () => {
  await using server = await serve({ onError() {} }, async (peer) => {
    await peer.read();
    await peer.write(bytesOf("go"));
    await peer.startTls({ ...certificate, isServer: true });
    await peer.write((await peer.read())!);
  });
  await using client = await connect({ port: server.address.port });
  await client.write(bytesOf("STARTTLS"));
  await client.read();
  await sleep(TWO_LOOKS);
  await client.startTls({ ca: authority });
  await client.write(bytesOf("secret"));
  assert.equal(textOf((await client.read())!), "secret");
});

test("a stop waits for a handler that has not read all that was received", async () => {
  const read: string[] = [];
  const server = await serve({}, async (peer) => {
    read.push(textOf((await peer.read())!));
    await sleep(TWO_LOOKS + 700);
    for (let bytes; (bytes = await peer.read()) !== null;) read.push(textOf(bytes));
  });
  await using client = await connect({ port: server.address.port });
  await client.write(bytesOf("one"));
  await within(() => read.length === 1, "it is read");
  await client.write(bytesOf("two"));
  await sleep(TWO_LOOKS);
  await server.stop();
  assert.deepEqual(read, ["one", "two"]);
});
