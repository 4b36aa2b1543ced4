/** The cases over UDP, against a right server and wrong ones. */
import assert from "node:assert/strict";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { describe, test } from "node:test";
import { casesOf, checkReachable, runCases, selectCases, Tester } from "../../src/verify/mod.ts";

/** Handles a datagram. */
type Answer = (socket: Socket, bytes: Buffer, from: RemoteInfo) => void;

/** Starts a server of datagrams, until the end of its scope. */
async function serve(answer: Answer): Promise<AsyncDisposable & { readonly port: number }> {
  const socket = createSocket("udp4");
  socket.on("message", (bytes, from) => answer(socket, bytes, from));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function testerFor(port: number, timeoutMs = 300): Tester {
  return new Tester({ target: { address: "127.0.0.1", port }, timeoutMs });
}

/** The ids of the cases that are not ok, with their verdict. */
async function findings(answer: Answer, ids: readonly string[]): Promise<string[]> {
  await using server = await serve(answer);
  const tester = testerFor(server.port);
  const limit = setTimeout(() => tester.stop(), 60_000);
  const { chosen } = selectCases(casesOf("raw"), ids, true);
  const results = await runCases(chosen, tester, false);
  clearTimeout(limit);
  assert.equal(results.length, chosen.length);
  return results.filter(({ bytes, result }) => bytes !== "ok" && result !== "skipped").map(({ case: { id }, bytes }) =>
    `${id} ${bytes}`
  );
}

const echo: Answer = (socket, bytes, { port, address }) => socket.send(bytes, port, address);
const some = ["udp/1", "udp/512", "udp/every-value", "udp/peers"];

test("a right server passes; it is not safe against loops", async () => {
  const found = await findings(echo, ["udp"]);
  assert.deepEqual(found.filter((one) => one !== "udp/loop not-strict"), []);
});

test("a server that does not answer the ports of other services is safe against loops", async () => {
  const safe: Answer = (socket, bytes, from) => from.port >= 1024 && echo(socket, bytes, from);
  assert.deepEqual(await findings(safe, ["udp/loop", "udp/1"]), []);
});

describe("a server that", () => {
  const wrong: readonly [name: string, answer: Answer, ids: readonly string[], found: readonly string[]][] = [
    ["answers twice", (...all) => (echo(...all), echo(...all)), ["udp/1", "udp/doubles"], ["udp/doubles failed"]],
    ["cuts at 512 bytes", (socket, bytes, from) => echo(socket, bytes.subarray(0, 512), from), ["udp/512", "udp/513"], [
      "udp/513 failed",
    ]],
    [
      "answers more than it was sent",
      (socket, bytes, from) => echo(socket, Buffer.concat([bytes, bytes]), from),
      some,
      some.map((id) => `${id} failed`),
    ],
    ["drops what is empty", (...all) => void (all[1].length > 0 && echo(...all)), ["udp/0", "udp/1"], [
      "udp/0 not-strict",
    ]],
    [
      "answers from another port",
      (_, bytes, from) => {
        const other = createSocket("udp4");
        echo(other, bytes, from);
        setTimeout(() => other.close(), 50);
      },
      ["udp/1"],
      ["udp/1 failed"],
    ],
    [
      "answers in another order",
      (() => {
        const held: [Buffer, RemoteInfo][] = [];
        return (socket, bytes, from) => {
          held.push([bytes, from]);
          if (held.length === 10) { for (const [bytes, from] of held.splice(0).reverse()) echo(socket, bytes, from); }
        };
      })(),
      ["udp/order", "udp/doubles"],
      ["udp/order not-strict"],
    ],
  ];
  for (const [name, answer, ids, found] of wrong) {
    test(name, async () => assert.deepEqual(await findings(answer, ids), found));
  }
});

test("a port that nobody listens on is not reachable", async () => {
  const server = await serve(echo);
  await server[Symbol.asyncDispose]();
  await assert.rejects(checkReachable(testerFor(server.port), true), /Cannot reach 127\.0\.0\.1:\d+ over UDP/);
});
