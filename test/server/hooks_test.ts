/** `serve` as a library: hooks, failures, drain, and what a client may not do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type Connection, serve, stage } from "echopipe";
import { startServer } from "echopipe/server";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { exchange, open, received } from "../support/sockets.ts";

const echoes = (peer: Connection) => peer.readable.pipeTo(peer.writable);

test("hooks: each connection is opened once, and closed once with its counters and the reason", async () => {
  const calls: unknown[] = [];
  await using server = await serve({
    onOpen: (peer) => calls.push(["open", peer.remote.address]),
    onClose: (peer, { received, sent }, reason) => calls.push(["close", peer.isClosed, received, sent, reason]),
    onError: (error) => calls.push(error),
  }, echoes);
  assert.equal(String(await exchange(server.address.port, "hello")), "hello");
  await within(() => calls.length === 2, "both are called");
  assert.deepEqual(calls, [["open", "127.0.0.1"], ["close", true, 5, 5, "end of stream"]]);
});

test("a hook that throws is reported as a failure, and the connection is served all the same", async () => {
  const failures: string[] = [];
  const fails = (name: string) => () => {
    throw new Error(name);
  };
  await using server = await serve({
    onOpen: fails("open"),
    onClose: fails("close"),
    onError: (error) => {
      failures.push((error as Error).message);
      throw error;
    },
  }, echoes);
  assert.equal(String(await exchange(server.address.port, "hello")), "hello");
  await within(() => failures.length === 2, "both are reported");
  assert.deepEqual(failures, ["open", "close"]);
});

test("an asynchronous hook that rejects is reported just so", async () => {
  const failures: string[] = [];
  const fails = (name: string) => async () => {
    await null;
    throw new Error(name);
  };
  await using server = await serve({
    onOpen: fails("open"),
    onClose: fails("close"),
    onError: async (error) => {
      failures.push((error as Error).message);
      await null;
      throw error;
    },
  }, echoes);
  assert.equal(String(await exchange(server.address.port, "hello")), "hello");
  await within(() => failures.length === 2, "both are reported");
  assert.deepEqual(failures, ["open", "close"]);
});

/** What the client of a handler sees that fails after half an answer. */
async function halfAnAnswer(onFailure?: "reset" | "finish"): Promise<string> {
  await using server = await serve({ onFailure, onError() {} }, async (peer) => {
    await peer.read();
    await peer.write(new TextEncoder().encode("half an ans"));
    throw new Error("not today");
  });
  await using client = await connect({ port: server.address.port });
  await client.write(new TextEncoder().encode("?"));
  return await new Response(client.readable).text();
}

test("a handler that fails resets its connection: half an answer is no whole one, unless asked for", async () => {
  await assert.rejects(halfAnAnswer(), { code: "reset" });
  await assert.rejects(halfAnAnswer("reset"), { code: "reset" });
  assert.equal(await halfAnAnswer("finish"), "half an ans");
  await assert.rejects(serve({ onFailure: "ignore" as "reset" }, echoes), { code: "invalid-argument" });
});

test("a stage that fails in a plain chain resets the connection, too, unless asked not to", async () => {
  const halfByStage = async (onFailure: "reset" | "finish") => {
    await using server = await serve({ onFailure, onError() {} }, (peer) => {
      const broken = stage<Uint8Array, Uint8Array>((_, out) => {
        out.push(new TextEncoder().encode("half an ans"));
        throw new Error("not today");
      });
      return peer.readable.pipeThrough(broken).pipeTo(peer.writable);
    });
    await using client = await connect({ port: server.address.port });
    await client.write(new TextEncoder().encode("?"));
    return await new Response(client.readable).text();
  };
  await assert.rejects(halfByStage("reset"), { code: "reset" });
  assert.equal(await halfByStage("finish"), "half an ans");
});

test("without onError and without a log, a failure is one line that names the peer", async (t) => {
  const lines: unknown[][] = [];
  t.mock.method(console, "error", (...words: unknown[]) => void lines.push(words));
  await using server = await serve({}, () => Promise.reject(new Error("not today\nnor tomorrow")));
  await exchange(server.address.port, "").catch(() => {});
  await within(() => lines.length === 1, "it is reported");
  assert.match(String(lines[0]), /^Cannot serve 127\.0\.0\.1:\d+: not today.nor tomorrow$/u);
});

test("a handler that forgets to return its promise does not compile", async () => {
  // @ts-expect-error -- the promise of pipeTo is lost
  const forgetful = await serve({}, (peer) => {
    void echoes(peer).catch(() => {});
  });
  await forgetful.stop();
});

test("drain(ms) gives connections as long as it says, and no longer", async () => {
  const server = await serve({}, async (peer) => {
    for await (const _ of peer.readable);
    await new Promise((resume) => setTimeout(resume, 300));
    await peer.write(new TextEncoder().encode("late"));
  });
  const client = await open(server.address.port);
  const back = received(client);
  await within(() => server.connections === 1, "it is connected");
  const drained = server.drain(20_000, "moving");
  assert.equal(String(await back), "late");
  client.destroy();
  await drained;

  const reasons: string[] = [];
  const stuck = await serve(
    { onClose: (_peer, _traffic, reason) => reasons.push(reason) },
    () => new Promise(() => {}),
  );
  const other = await open(stuck.address.port);
  other.on("error", () => {});
  await within(() => stuck.connections === 1, "it is connected");
  await stuck.drain(0);
  assert.deepEqual(reasons, ["server stopped"]);
  assert.throws(() => stuck.drain(-1), { code: "invalid-argument" });
  other.destroy();
});

test("a library's server takes no stop from a client, and does not move off its port, unless asked", async () => {
  const log = new KeptLog();
  await using server = await startServer({ port: 0 }, log);
  const { port } = server.address;
  assert.match(String(await exchange(port, "stop\nhello\n")), /^stop refused: .*\nhello\n$/);
  assert.equal(log.of("stop.refused").length, 1);
  await assert.rejects(startServer({ port }), { code: "address-in-use" });
  await assert.rejects(serve({ port }, echoes), { code: "address-in-use" });
  await using moved = await startServer({ port, strictPort: false, allowStop: "loopback" });
  assert.ok(moved.address.port > port);
  await exchange(moved.address.port, "stop\n");
  await moved.stopped;
});
