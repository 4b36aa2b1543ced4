/** Connections that are opened again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, EchopipeError, listen, reconnecting } from "echopipe";

const backoff = { min: 1, max: 4 };

/** An attempt that gives what the script says: an error, or a connection that notes its end. */
function scripted(script: (Error | string)[], ended: string[]) {
  return () => {
    const next = script.shift()!;
    if (next instanceof Error) return Promise.reject(next);
    return Promise.resolve({ name: next, [Symbol.asyncDispose]: async () => void await ended.push(next) });
  };
}

test("each turn has a connection of its own, and ends it; leaving the loop ends the last", async () => {
  const ended: string[] = [];
  const names: string[] = [];
  for await (const { name } of reconnecting(scripted(["a", "b", "c"], ended), { backoff })) {
    assert.deepEqual(ended, names);
    names.push(name);
    if (name === "c") break;
  }
  assert.deepEqual(ended, ["a", "b", "c"]);
});

test("failures of the network are retried, with growing waits; others are thrown", async () => {
  const refused = new EchopipeError("connection-refused", "Cannot connect");
  const waits: [number, unknown][] = [];
  const onWait = (ms: number, error: unknown) => void waits.push([ms, error]);
  const open = scripted([refused, refused, refused, refused, "a"], []);
  for await (const _ of reconnecting(open, { backoff, onWait })) break;
  const bounds = [1, 2, 4, 4];
  assert.equal(waits.length, bounds.length);
  waits.forEach(([ms, error], i) => {
    assert.ok(ms >= bounds[i] * 0.75 && ms <= bounds[i] * 1.25, `wait ${i}: ${ms} ms`);
    assert.equal(error, refused);
  });
  for (const error of [new EchopipeError("invalid-argument", "no"), new EchopipeError("tls", "no"), new Error("no")]) {
    await assert.rejects(reconnecting(scripted([error], []), { backoff }).next(), { message: "no" });
  }
  const all = reconnecting(scripted([new Error("no"), "a"], []), { backoff, retry: () => true });
  assert.equal((await all.next()).value?.name, "a");
  await all.return();
});

test("a signal ends a wait; an error in the loop ends the connection", async () => {
  const stop = new AbortController();
  const refused = new EchopipeError("connection-refused", "Cannot connect");
  const long = {
    backoff: { min: 60_000, max: 60_000 },
    signal: stop.signal,
    onWait: () => stop.abort(new Error("stop")),
  };
  await assert.rejects(reconnecting(scripted([refused], []), long).next(), { message: "stop" });

  const ended: string[] = [];
  await assert.rejects(async () => {
    for await (const _ of reconnecting(scripted(["a"], ended), { backoff })) throw new Error("lost");
  }, { message: "lost" });
  assert.deepEqual(ended, ["a"]);
});

test("a server that is started late, and one that ends each connection", async () => {
  const free = await listen({}, () => {});
  const { port } = free.address;
  await free.close();
  let listener: AsyncDisposable | undefined;
  const onWait = async () => {
    if (listener === undefined) listener = await listen({ port }, (peer) => peer.write(Uint8Array.of(7)));
  };
  let turns = 0;
  for await (const connection of reconnecting(() => connect({ port }), { backoff: { min: 10, max: 50 }, onWait })) {
    assert.deepEqual(await connection.read(), Uint8Array.of(7));
    if (++turns === 3) break;
  }
  await listener![Symbol.asyncDispose]();
});

test("waits out of their range are refused", async () => {
  for (const backoff of [{ min: 0 }, { min: 5, max: 4 }, { factor: 0.5 }]) {
    await assert.rejects(reconnecting(scripted([], []), { backoff }).next(), { code: "invalid-argument" });
  }
});
