/** Timeouts of a server's connections: against real clients that stop, and against scripted counters. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { connect, lengthPrefix, MessageSocket, pipe, pipeline, serve } from "echopipe";
import { type ServerOptions, startServer } from "echopipe/server";
import type { Socket } from "../../src/runtime/socket.ts";
import { Pace } from "../../src/server/pace.ts";
import { limitsOf } from "../../src/server/limits.ts";
import { Timeouts } from "../../src/server/timeouts.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { messageBytes, open } from "../support/sockets.ts";

/** The reason that the server gives for the end of a client that sends this and then is silent. */
async function reasonOf(options: ServerOptions, bytes: Uint8Array | string): Promise<unknown> {
  const log = new KeptLog();
  await using server = await startServer({ port: 0, ...options }, log);
  const client = await open(server.address.port);
  client.on("error", () => {});
  client.resume();
  client.write(bytes);
  await within(() => log.of("client.disconnected").length === 1, "the client is disconnected");
  client.destroy();
  return log.values("client.disconnected", "reason")[0];
}

describe("a message that was begun has to go on", () => {
  const stalled = "sent nothing of a message for 1 s";
  const begun: [string, ServerOptions, Uint8Array | string][] = [
    ["a header", { framing: "message" }, messageBytes("hello").subarray(0, 2)],
    ["a payload", { framing: "message" }, messageBytes("hello").subarray(0, 6)],
    ["a line", { framing: "line" }, "hello\nhel"],
    ["a line, detected", {}, "hel"],
    ["a message, detected", {}, messageBytes("hello").subarray(0, 6)],
  ];
  test("a header, a payload, a line, and both where the first byte decides", async () => {
    await Promise.all(begun.map(async ([what, options, bytes]) => {
      assert.equal(await reasonOf({ headerTimeout: 1, ...options }, bytes), stalled, what);
    }));
  });

  test("what is complete may wait; raw bytes are no message", async () => {
    const idle = { headerTimeout: 1, idleTimeout: 2 };
    const reasons = await Promise.all([
      reasonOf({ ...idle, framing: "message" }, messageBytes("hello")),
      reasonOf({ ...idle, framing: "line" }, "hello\n"),
      reasonOf({ ...idle, framing: "raw" }, "hel"),
    ]);
    assert.deepEqual(reasons, Array(3).fill("silent for 2 s"));
  });

  test("behind any decoder of serve() and MessageSocket", async () => {
    const closed: string[] = [];
    const onClose = (_peer: unknown, _traffic: unknown, reason: string) => void closed.push(reason);
    const options = { headerTimeout: 1, onClose, onError() {} };
    await using chain = await serve(options, (peer) => {
      const { decoder, encoder } = lengthPrefix({ width: 2 });
      return peer.readable.pipeThrough(decoder).pipeThrough(encoder).pipeTo(peer.writable);
    });
    await using direct = await serve(options, (peer) => {
      const { decoder, encoder } = lengthPrefix({ width: 2 });
      return pipe(peer, pipeline(decoder, encoder), peer);
    });
    await using whole = await MessageSocket.listen(options, (peer) => peer.receive());
    const clients = await Promise.all([chain, direct, whole].map(({ address }) => open(address.port)));
    for (const client of clients) client.on("error", () => {}).resume().write("\0");
    await within(() => closed.length === 3, "all are closed");
    assert.deepEqual(closed, Array(3).fill(stalled));
    for (const client of clients) client.destroy();
  });
});

test("a handshake that does not go on is given up", async () => {
  const { server: tls } = await import("../support/certificates.ts");
  const log = new KeptLog();
  await using server = await startServer({ port: 0, tls, headerTimeout: 1 }, log);
  const client = await open(server.address.port);
  client.on("error", () => {});
  const ended = () => [...log.of("accept.failed"), ...log.of("client.disconnected")];
  await within(() => ended().length > 0, "the client is given up");
  assert.match(ended()[0].message, /handshake/);
  await within(() => server.connections === 0, "its place is free");
  client.destroy();
});

describe("from looks at counters", () => {
  test("a pace: so many bytes in each period", () => {
    const pace = new Pace(1000, 10);
    const looks: [expected: boolean, total: number, now: number, slow: boolean][] = [
      [true, 0, 0, false],
      [true, 9, 900, false],
      [true, 10, 950, false],
      [true, 15, 1900, false],
      [true, 19, 1950, true],
      [false, 19, 2000, false],
      [true, 19, 2900, false],
      [true, 20, 3000, true],
    ];
    for (const [expected, total, now, slow] of looks) {
      assert.equal(pace.isTooSlow(expected, total, now), slow, `${now}`);
    }
    assert.equal(new Pace(0).isTooSlow(true, 0, 1e9), false);
  });

  /** The reasons at each of these looks. */
  function reasons(options: ServerOptions, looks: readonly (Partial<Look> & { at: number })[]): (string | undefined)[] {
    const timeouts = new Timeouts(limitsOf(options));
    return looks.map(({ at, received = 0, accepted = 0, unsent = 0, begun = false, reading = true, ended = false }) => {
      const state = { traffic: { received }, reading, peerEnded: ended };
      return timeouts.look({ accepted, unsent, state } as Socket, { reader: { begun } }, at)?.reason;
    });
  }

  interface Look {
    readonly received: number;
    readonly accepted: number;
    readonly unsent: number;
    readonly begun: boolean;
    readonly reading: boolean;
    readonly ended: boolean;
  }

  test("a trickle in either direction is too slow where a rate is asked for", () => {
    const rate = { headerTimeout: 10, writeTimeout: 10, minRate: 5 };
    const trickle = [0, 5000, 10_000, 15_000];
    assert.equal(
      reasons(rate, trickle.map((at) => ({ at, begun: true, received: at / 1000 })))[2],
      "sent less than 50 bytes of a message for 10 s",
    );
    assert.equal(
      reasons(rate, trickle.map((at) => ({ at, unsent: 1, accepted: at / 1000 })))[2],
      "took less than 50 bytes of what was to be sent for 10 s",
    );
    const quick = trickle.map((at) => ({ at, begun: true, received: at / 100 }));
    assert.deepEqual(reasons(rate, quick), quick.map(() => undefined));
  });

  test("a server that does not read is no fault of the peer; a peer that still takes bytes is not idle", () => {
    const busy = [0, 40_000, 80_000].map((at) => ({ at, begun: true, reading: false }));
    assert.deepEqual(reasons({}, busy), busy.map(() => undefined));
    const slow = [0, 40_000, 80_000].map((at) => ({ at, unsent: 100, accepted: at }));
    assert.deepEqual(reasons({ idleTimeout: 10 }, slow), slow.map(() => undefined));
  });
});

test("a connection that says nothing is kept by the system's keep-alive alone: no timeout is on by default", async () => {
  const log = new KeptLog();
  await using server = await startServer({ port: 0 }, log);
  await using client = await connect({ port: server.address.port });
  await client.write(new TextEncoder().encode("hello\n"));
  assert.equal((await client.read())?.length, 6);
  const quiet = [0, 1e6, 1e9].map((at) => at);
  const timeouts = new Timeouts(limitsOf({}));
  const state = { traffic: { received: 6 }, reading: true, peerEnded: false };
  for (const at of quiet) {
    assert.equal(
      timeouts.look({ accepted: 6, unsent: 0, state } as Socket, { reader: { begun: false } }, at),
      undefined,
    );
  }
});

test("a connection that a timeout ends is one record, and no failure of its handler", async () => {
  const log = new KeptLog();
  const failures: unknown[] = [];
  await using server = await serve(
    { log, headerTimeout: 1, writeTimeout: 1, onError: (error) => failures.push(error) },
    (peer) => {
      const { decoder, encoder } = lengthPrefix({ width: 4 });
      return peer.readable.pipeThrough(decoder).pipeThrough(encoder).pipeTo(peer.writable);
    },
  );
  const clients = await Promise.all([open(server.address.port), open(server.address.port)]);
  for (const client of clients) client.on("error", () => {}).pause();
  clients[0].write("\0");
  clients[1].write(Buffer.concat([Buffer.from([1, 0, 0, 0]), new Uint8Array(1 << 24)]));
  await within(() => log.of("client.disconnected").length === 2, "both are ended");
  assert.deepEqual(log.values("client.disconnected", "reason").sort(), [
    "sent nothing of a message for 1 s",
    "took nothing of what was to be sent for 1 s",
  ]);
  assert.deepEqual([log.of("connection.failed"), log.of("handler.stuck"), failures], [[], [], []]);
  for (const client of clients) client.destroy();
});
