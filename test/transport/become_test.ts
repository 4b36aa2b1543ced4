/** become: chains after one another on one connection, and no byte lost between them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type Connection, decoder, encoder, listen, pipeline, stage } from "echopipe";
import { bytesOf, textOf } from "echopipe/testing";

const text = () => encoder<string>((text, write) => write.text(text));

/** Lines in capitals, until one says "switch"; then blocks of three bytes in brackets, until "end". */
async function talk(peer: Connection): Promise<void> {
  for (let more = true; more;) {
    more = false;
    const lines = stage<string, string>((line, out) => {
      out.push(`${line.toUpperCase()}\n`);
      if (line !== "switch") return;
      more = true;
      out.end();
    });
    await peer.become(pipeline(decoder((read) => read.line()), lines, text()), { preventClose: true });
    if (!more) break;
    more = false;
    const blocks = stage<string, string>((block, out) => {
      out.push(`[${block}]`);
      if (block !== "end") return;
      more = true;
      out.end();
    });
    await peer.become(pipeline(decoder((read) => read.text(3)), blocks, text()), { preventClose: true });
  }
  await peer.write(bytesOf("bye\n"));
}

test("switches of framing, to and fro, wherever the bytes are cut", async () => {
  await using listener = await listen({}, talk);
  const wire = bytesOf("one\nswitch\nabcdefendtwo\nswitch\nxyzendthree\n");
  const expected = "ONE\nSWITCH\n[abc][def][end]TWO\nSWITCH\n[xyz][end]THREE\nbye\n";
  for (const size of [1, 2, 3, 5, 7, 11, wire.length]) {
    await using connection = await connect({ port: listener.address.port });
    const received = new Response(connection.readable).text();
    for (let at = 0; at < wire.length; at += size) {
      await connection.write(wire.subarray(at, at + size));
      await new Promise((resume) => setTimeout(resume, 1));
    }
    await connection.endWrite();
    assert.equal(await received, expected, `in pieces of ${size} bytes`);
  }
});

test("a chain that is read as a stream returns its unused bytes, too; so does one that a timer ends", async () => {
  await using listener = await listen({}, async (peer) => {
    const first = stage<string, string>((line, out) => {
      out.push(line);
      out.end();
    });
    const lines = decoder((read) => read.line());
    assert.deepEqual(await Array.fromAsync(peer.readable.pipeThrough(lines).pipeThrough(first)), ["a"]);
    const timed = stage<string, Uint8Array>({
      start: (out) => void setTimeout(() => out.end(), 30),
      push: () => {},
    });
    await peer.become(pipeline(decoder((read) => read.line()), timed), { preventClose: true });
    await peer.write(bytesOf("go"));
    await peer.become(stage<Uint8Array, Uint8Array>((bytes, out) => out.push(bytes)));
  });
  await using connection = await connect({ port: listener.address.port });
  await connection.write(bytesOf("a\nb\nc"));
  let begun = "";
  while (begun.length < 3) begun += textOf((await connection.read())!);
  assert.equal(begun, "goc");
  await connection.write(bytesOf("d\n"));
  await connection.endWrite();
  assert.equal(await new Response(connection.readable).text(), "d\n");
});
