/** The moment when a drained connection's input ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, listen, stage } from "echopipe";
import { SocketState } from "../../src/runtime/socket_state.ts";
import { untilQuiet } from "../../src/transport/drain.ts";
import { bytesOf } from "../support/cuts.ts";

/** A socket of which nothing is known but its state. */
function state(): SocketState {
  const made = new SocketState({ close() {} });
  made.reading = true;
  return made;
}

test("connections that are drained together: none is quiet while another still receives", async () => {
  const [quiet, busy] = [state(), state()];
  let left = 8;
  const receiving = (async () => {
    for (; left > 0; left--) {
      await sleep(30);
      busy.received(1);
      busy.reading = true;
    }
  })();
  await untilQuiet(quiet, true);
  assert.equal(left, 0);
  await receiving;
  await untilQuiet(busy, true);
});

test("a connection that is drained alone is quiet whatever others receive", async () => {
  const [quiet, busy] = [state(), state()];
  let over = false;
  const receiving = (async () => {
    for (let i = 0; i < 200 && !over; i++) {
      await sleep(10);
      busy.received(1);
    }
  })();
  await untilQuiet(quiet, false);
  assert.equal(over, false);
  over = true;
  await receiving;
});

test("a drain while the stage is at its end: it is ended once, and its last word arrives", async () => {
  const gate = Promise.withResolvers<void>();
  const atEnd = Promise.withResolvers<() => Promise<void>>();
  let ends = 0;
  await using listener = await listen({}, (peer) => {
    const slow = stage<Uint8Array, Uint8Array>({
      push: (item, out) => out.push(item),
      async end(out) {
        ends++;
        atEnd.resolve(() => peer.drain());
        await gate.promise;
        out.push(bytesOf("bye"));
      },
    });
    return peer.readable.pipeThrough(slow).pipeTo(peer.writable);
  });
  await using connection = await connect({ port: listener.address.port });
  await connection.write(bytesOf("a"));
  await connection.endWrite();
  const drain = await atEnd.promise;
  const drained = drain();
  await sleep(150); // longer than the moment of silence that ends a drain
  gate.resolve();
  assert.equal(await new Response(connection.readable).text(), "abye");
  await drained;
  assert.equal(ends, 1);
});

test("what a chain left to be read: a drain ends that, too", { timeout: 10_000 }, async () => {
  const ended = Promise.withResolvers<Uint8Array | null>();
  await using listener = await listen({}, async (peer) => {
    await peer.readable.pipeThrough(stage<Uint8Array, Uint8Array>((_item, out) => out.end())).pipeTo(peer.writable);
    const reading = peer.read();
    await peer.drain();
    ended.resolve(await reading);
  });
  await using connection = await connect({ port: listener.address.port });
  await connection.write(bytesOf("a"));
  assert.equal(await ended.promise, null);
});
