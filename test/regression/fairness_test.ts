import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { echo, listen, pipe, pipeline, raw } from "echopipe";
import { within } from "../support/deadline.ts";

const MIB = 2 ** 20;

test("10-20: beside 50 clients that send without pause, a newcomer is answered before many more of their bytes", {
  timeout: 60_000,
}, async () => {
  const served = new BigInt64Array(new SharedArrayBuffer(8));
  await using listener = await listen({ onError: () => {} }, (peer) => {
    let counted = 0;
    peer.watch = () => {
      Atomics.add(served, 0, BigInt(peer.traffic.received - counted));
      counted = peer.traffic.received;
    };
    const { decoder, encoder } = raw();
    return pipe(peer, pipeline(decoder, echo(), encoder), peer);
  });
  const start = (bulk: number, newcomers: number) =>
    new Worker(new URL("../support/bulk_clients.ts", import.meta.url), {
      workerData: { port: listener.address.port, served, bulk, newcomers },
    });
  const crowd = start(50, 0);
  await within(() => Atomics.load(served, 0) > 200_000_000n, "the clients send");
  const newcomers = start(0, 9);
  const [waits] = await once(newcomers, "message") as [number[]];
  await Promise.all([crowd.terminate(), newcomers.terminate()]);
  const median = waits.toSorted((a, b) => a - b)[4];
  // Before, on Node, whole rounds of all clients: some 100 MiB. (On Deno these clients are too slow to show it: the bench
  // does.) What is left is the time of the threads that they run on.
  assert.ok(median < 40 * MIB, `a newcomer waited for ${waits.map((bytes) => Math.round(bytes / MIB))} MiB`);
});
