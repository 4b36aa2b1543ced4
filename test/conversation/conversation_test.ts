/** Conversations: sends joined, items received, requests matched, limits, ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  type Connection,
  Conversation,
  type ConversationOptions,
  decoder,
  EchopipeError,
  listen,
  stage,
} from "echopipe";
import { bytesOf, join, type ScriptedEnd, ScriptedSink, ScriptedSource, textOf } from "echopipe/testing";
import type { ByteSink, ByteSource } from "../../src/pipe/bytes.ts";
import { within } from "../support/deadline.ts";

/** Lines of text; the encoder refuses those with an end in them. */
function words() {
  return {
    decoder: decoder((read) => read.line()),
    encoder: stage<string, Uint8Array>((word, out) => {
      if (word.includes("\n")) throw new EchopipeError("invalid-argument", "Cannot send a line with an end in it");
      out.push(bytesOf(word + "\n"));
    }),
  };
}

/** A scripted connection. */
class Scripted implements ByteSource, ByteSink {
  readonly source: ScriptedSource;
  readonly sink = new ScriptedSink();
  onEnd?: () => void;
  aborted = 0;

  constructor(reads: string[], end: ScriptedEnd = "end") {
    this.source = new ScriptedSource(reads.map(bytesOf), end);
  }

  read = () => this.source.read();
  release = () => {};
  write = (bytes: Uint8Array) => this.sink.write(bytes);
  endWrite = () => this.sink.endWrite();
  abort = () => void this.aborted++;

  get written(): string[] {
    return this.sink.written.map(textOf);
  }
}

type Words = Conversation<string>;

/** Two peers over real sockets. */
async function between(
  serve: (peer: Words, connection: Connection) => Promise<void>,
  talk: (peer: Words) => Promise<void>,
  options: ConversationOptions<string> = {},
): Promise<void> {
  const errors: unknown[] = [];
  await using listener = await listen({ onError: (error) => errors.push(error) }, async (connection) => {
    await using peer = new Conversation(connection, words());
    await serve(peer, connection);
  });
  await using peer = new Conversation(await connect({ port: listener.address.port }), words(), options);
  await talk(peer);
  assert.deepEqual(errors, []);
}

test("sends of one turn leave in one write, those during a write in the next one", async () => {
  const connection = new Scripted([], "silence");
  const peer = new Conversation(connection, words());
  const gate = Promise.withResolvers<void>();
  connection.sink.gate = gate.promise;
  const first = [peer.send("a"), peer.send("b"), peer.send("c")];
  assert.deepEqual(connection.written, []);
  await Promise.resolve();
  assert.deepEqual(connection.written, ["a\nb\nc\n"]);
  const second = [peer.send("d"), peer.send("e")];
  gate.resolve();
  await Promise.all([...first, ...second]);
  assert.deepEqual(connection.written, ["a\nb\nc\n", "d\ne\n"]);
});

test("items are received in order, by calls and by a loop; a loop that is left leaves the rest", async () => {
  const peer = new Conversation(new Scripted(["a\nb\nc", "\nd\ne\n"]), words());
  assert.equal(await peer.receive(), "a");
  for await (const item of peer) if (item === "c") break;
  assert.deepEqual(await Promise.all([peer.receive(), peer.receive(), peer.receive()]), ["d", "e", undefined]);
  assert.equal(await peer.receive(), undefined);
});

test("nothing is read while nobody waits", async () => {
  const connection = new Scripted(["a\n", "b\n", "c\n"]);
  const peer = new Conversation(connection, words());
  await peer.send("x");
  assert.equal(connection.source.taken, 0);
  await peer.receive();
  await peer.send("x");
  assert.equal(connection.source.taken, 1);
});

test("a receive that is given up takes no item", async () => {
  const stop = new AbortController();
  const connection = new Scripted([], "silence");
  const peer = new Conversation(connection, words());
  const given = peer.receive({ signal: stop.signal });
  stop.abort(new Error("given up"));
  await assert.rejects(given, { message: "given up" });
  await assert.rejects(peer.receive({ signal: stop.signal }), { message: "given up" });

  await between(async (peer) => {
    await peer.receive();
    await peer.send("item");
  }, async (peer) => {
    const stop = new AbortController();
    const given = peer.receive({ signal: stop.signal });
    stop.abort(new Error("given up"));
    await assert.rejects(given, { message: "given up" });
    await peer.send("now");
    assert.equal(await peer.receive(), "item");
  });
});

test("an item that the encoder refuses is refused alone", async () => {
  const connection = new Scripted([], "silence");
  const peer = new Conversation(connection, words());
  const sent = peer.send("a");
  await assert.rejects(peer.send("b\nc"), { code: "invalid-argument" });
  await assert.rejects(peer.request("b\nc"), { code: "invalid-argument" });
  await Promise.all([sent, peer.send("d")]);
  assert.equal(connection.written.join(""), "a\nd\n");
});

test("requests in order, many at a time, on real sockets", async () => {
  await between(async (peer) => {
    for await (const word of peer) void peer.send(word.toUpperCase());
  }, async (peer) => {
    const asked = Array.from({ length: 10_000 }, (_, i) => `word ${i}`);
    const replies = await Promise.all(asked.map((word) => peer.request(word)));
    assert.deepEqual(replies, asked.map((word) => word.toUpperCase()));
    assert.equal(await peer.request("last"), "LAST");
  });
});

/** Ids before a space: `1 text`; a notification has none. */
const match = {
  request: (item: string) => item.split(" ")[0],
  reply: (item: string) => /^\d/.test(item) ? item.split(" ")[0] : undefined,
};

test("requests by id, answered in any order, with other items in between", async () => {
  const connection = new Scripted(["3 c\nnews\n1 a\n", "7 unknown\n2 b\n"]);
  const peer = new Conversation(connection, words(), { match });
  assert.deepEqual(await Promise.all(["1 x", "2 y", "3 z"].map((item) => peer.request(item))), ["1 a", "2 b", "3 c"]);
  assert.deepEqual(await Array.fromAsync(peer), ["news", "7 unknown"]);
});

test("an id that is pending is refused", async () => {
  const peer = new Conversation(new Scripted(["1 a\n"]), words(), { match });
  const first = peer.request("1 x");
  await assert.rejects(peer.request("1 y"), { code: "in-use" });
  assert.equal(await first, "1 a");
});

test("a request that is given up keeps its place: its reply is dropped", async () => {
  const connection = new Scripted(["a\nb\nc\n"]);
  const peer = new Conversation(connection, words());
  const stop = new AbortController();
  const given = peer.request("x", { signal: stop.signal });
  const kept = peer.request("y");
  stop.abort(new Error("given up"));
  await assert.rejects(given, { message: "given up" });
  assert.equal(await kept, "b");
  assert.equal(await peer.receive(), "c");
});

test("limits: requests without a reply, items that nobody receives, bytes that wait", async () => {
  const silent = new Conversation(new Scripted([], "silence"), words(), { maxRequests: 2 });
  for (const word of ["a", "b"]) void silent.request(word);
  await assert.rejects(silent.request("c"), { code: "busy", limit: 2, received: 3 });

  const flooded = new Scripted(["news\n", "news\n", "news\n", "1 a\n"], "silence");
  const reader = new Conversation(flooded, words(), { match, maxUnread: 1 });
  await assert.rejects(reader.request("1 x"), { code: "busy", limit: 1, received: 2 });
  assert.equal(flooded.aborted, 1);
  assert.deepEqual([await reader.receive(), await reader.receive()], ["news", "news"]);
  await assert.rejects(reader.receive(), { code: "busy" });

  const slow = new Scripted([], "silence");
  slow.sink.gate = new Promise(() => {});
  const sender = new Conversation(slow, words(), { maxPending: 10 });
  void sender.send("0123456789");
  await Promise.resolve();
  await assert.rejects(sender.send("x"), { code: "busy", received: 11, limit: 10 });
});

test("an end of the peer: what was sent is received, and pending requests fail", async () => {
  const peer = new Conversation(new Scripted(["a\n"]), words());
  const results = await Promise.allSettled([peer.request("x"), peer.request("y")]);
  assert.deepEqual(results.map((result) => result.status === "fulfilled" ? result.value : result.reason.code), [
    "a",
    "closed",
  ]);
  assert.equal(await peer.receive(), undefined);
  await assert.rejects(peer.request("z"), { code: "closed" });
});

test("a failure of the stream is final: all that waits and all that follows rejects with it", async () => {
  const connection = new Scripted(["a\nb"]);
  const peer = new Conversation(connection, words());
  const results = await Promise.allSettled([peer.request("x"), peer.request("y"), peer.receive()]);
  assert.deepEqual(results.map((result) => result.status === "fulfilled" ? result.value : result.reason.code), [
    "a",
    "truncated",
    "truncated",
  ]);
  await assert.rejects(peer.receive(), { code: "truncated" });
  assert.equal(connection.aborted, 1);
});

test("a failed write fails what was sent and what follows, and nothing is unhandled", async () => {
  const connection = new Scripted([], "silence");
  connection.sink.write = () => Promise.reject(new Error("lost"));
  const peer = new Conversation(connection, words());
  void peer.send("ignored");
  await assert.rejects(peer.send("a"), { message: "lost" });
  await assert.rejects(peer.request("b"), { message: "lost" });
});

test("the end of the sending direction comes after all items; the peer may go on", async () => {
  await between(async (peer) => {
    assert.deepEqual(await Array.fromAsync(peer), ["a", "b"]);
    await peer.send("after your end");
  }, async (peer) => {
    void peer.send("a");
    void peer.send("b");
    await peer.endWrite();
    await assert.rejects(peer.send("c"), { code: "closed" });
    assert.equal(await peer.receive(), "after your end");
  });
});

test("the end of the scope loses nothing that was sent", async () => {
  const long = "x".repeat(100_000);
  let received: string[] = [];
  await between(async (peer) => {
    received = await Array.fromAsync(peer);
  }, (peer) => {
    for (let i = 0; i < 20; i++) void peer.send(long);
    return Promise.resolve();
  });
  await within(() => received.length === 20, "all items are received");
  assert.ok(received.every((item) => item === long));
});

test("bytes of items may be kept: no memory is used again", async () => {
  const bytes = () => ({
    decoder: decoder((read) => read.exactly(3)),
    encoder: stage<Uint8Array, Uint8Array>((item, out) => out.push(item)),
  });
  await using listener = await listen({}, async (connection) => {
    for (const word of ["one", "two", "six"]) {
      await connection.write(bytesOf(word));
      await connection.read();
    }
  });
  await using peer = new Conversation(await connect({ port: listener.address.port }), bytes());
  const kept: Uint8Array[] = [];
  for await (const item of peer) {
    kept.push(item);
    await peer.send(bytesOf("."));
  }
  assert.equal(textOf(join(kept)), "onetwosix");
});
