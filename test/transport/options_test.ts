/** Options of sockets, one reader at a time, bytes put back, and adopted sockets. */
import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { adopt, connect, type Connection, type ConnectOptions, listen, stage } from "echopipe";
import { firstOf, interleaved } from "../../src/transport/happy_eyeballs.ts";
import { within } from "../support/deadline.ts";
import { textOf } from "../support/cuts.ts";

const isDeno = "Deno" in globalThis;
const bytes = (text: string) => new TextEncoder().encode(text);
const echoing = (peer: Connection) => peer.readable.pipeTo(peer.writable);

const wrong: Record<string, [object, RegExp]> = {
  "an unknown option": [{ port: 1, hots: "x" }, /^Cannot connect with the option "hots": it is unknown here; expected/],
  "path and port": [{ port: 1, path: "/x" }, /path and port/],
  "no port": [{}, /port "undefined"/],
  "a wrong family": [{ port: 1, family: 5 }, /family "5": expected 4 or 6/],
  "an address of the other family": [{ port: 1, host: "::1", family: 4 }, /over IPv4: it is an IPv6 address/],
  "a timeout of 0": [{ port: 1, timeout: 0 }, /timeout "0"/],
  "a path that is too long": [{ path: "x".repeat(200) }, /a path of 200 bytes/],
  "an unknown option of TLS": [{ port: 1, tls: { clientCa: "x" } }, /over TLS with the option "clientCa"/],
  "a certificate without its key": [{ port: 1, tls: { cert: "x" } }, /cert alone: expected cert and key/],
};
for (const [what, [options, message]] of Object.entries(wrong)) {
  test(`connect refuses ${what}`, async () => {
    await assert.rejects(connect(options as ConnectOptions), { code: "invalid-argument", message });
  });
}

test("listen refuses options that are unknown or not for it", async () => {
  for (const options of [{ timeout: 5 }, { path: "/x", host: "y" }, { backlog: 0 }, { path: "/x", noDelay: true }]) {
    await assert.rejects(listen(options as object, () => {}), { code: "invalid-argument" });
  }
});

test("a signal that is aborted, before or meanwhile: its reason", async () => {
  const reason = new Error("changed my mind");
  await assert.rejects(connect({ port: 1, signal: AbortSignal.abort(reason) }), reason);
});

test("a host with two families: the one that listens answers", async () => {
  await using listener = await listen({ host: "127.0.0.1" }, echoing);
  await using connection = await connect({ host: "localhost", port: listener.address.port });
  assert.equal(connection.remote.port, listener.address.port);
  await using four = await connect({ host: "localhost", port: listener.address.port, family: 4 });
  assert.equal(four.remote.address, "127.0.0.1");
  const { port } = listener.address;
  await listener.close();
  await assert.rejects(connect({ host: "localhost", port }), {
    code: "connection-refused",
    message: `Cannot connect to localhost:${port}: nothing listens there`,
  });
});

test("happy eyeballs: IPv6 first, then in turns", () => {
  const four = [1, 2, 3].map((n) => ({ address: `10.0.0.${n}`, family: 4 }));
  const six = [{ address: "::1", family: 6 }];
  const sorted = interleaved([...four, ...six]).map(({ address }) => address);
  assert.deepEqual(sorted, ["::1", "10.0.0.1", "10.0.0.2", "10.0.0.3"]);
});

test("happy eyeballs: a silent address holds nobody up; who comes late is dropped; others are given up", async () => {
  const dropped: string[] = [];
  const given: string[] = [];
  const late = Promise.withResolvers<string>();
  const won = await firstOf<string, string>(["silent", "late", "refused", "good"], {
    connect(address, signal) {
      signal.addEventListener("abort", () => given.push(address));
      if (address === "silent") return new Promise(() => {});
      if (address === "late") return late.promise;
      return address === "good" ? Promise.resolve(address) : Promise.reject(new Error(address));
    },
    drop: (connection) => dropped.push(connection),
    signal: undefined,
  });
  assert.equal(won, "good");
  assert.deepEqual(given, ["silent", "late", "refused", "good"]);
  late.resolve("late");
  await within(() => dropped.length > 0, "the late one is dropped");
  assert.deepEqual(dropped, ["late"]);
});

test("two reads at once: the second fails with in-use, the first gets the bytes", async () => {
  await using listener = await listen({}, echoing);
  await using connection = await connect({ port: listener.address.port });
  const first = connection.read();
  await assert.rejects(connection.read(), { code: "in-use", message: /a read is pending$/ });
  assert.throws(() => connection.unread(bytes("x")), { code: "in-use" });
  await connection.write(bytes("hello"));
  assert.equal(textOf((await first)!), "hello");
});

test("bytes put back are read again, first, and pass chains too", async () => {
  await using listener = await listen({}, async (peer) => {
    const read = (await peer.read())!;
    peer.unread(read.subarray(3));
    peer.unread(bytes("<"));
    await peer.readable.pipeTo(peer.writable);
  });
  await using connection = await connect({ port: listener.address.port });
  await connection.write(bytes("abcdef"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await connection.write(bytes("ghi"));
  await connection.endWrite();
  assert.equal(await new Response(connection.readable).text(), "<defghi");
});

test("become: other stages go on in the middle of a read, with the rest of the bytes whole", async () => {
  await using listener = await listen({}, async (peer) => {
    let rest: Uint8Array = new Uint8Array(0);
    const said: string[] = [];
    const command = stage<Uint8Array, Uint8Array>((read, out) => {
      const end = read.indexOf(10) + 1;
      said.push(textOf(read.subarray(0, end)));
      rest = read.slice(end);
      out.end();
    });
    for await (const _ of peer.readable.pipeThrough(command));
    peer.unread(rest);
    await peer.write(bytes(said.join()));
    await peer.become(stage<Uint8Array, Uint8Array>((read, out) => out.push(read.map((byte) => byte ^ 32))));
  });
  await using connection = await connect({ port: listener.address.port });
  await connection.write(bytes("SWITCH\nabc"));
  await connection.write(bytes("def"));
  await connection.endWrite();
  assert.equal(await new Response(connection.readable).text(), "SWITCH\nABCDEF");
});

test("a chain that a timer ends while it reads: the read is the next reader's", async () => {
  const ended = Promise.withResolvers<void>();
  await using listener = await listen({}, async (peer) => {
    const timed = stage<Uint8Array, Uint8Array>({
      start: (out) => void setTimeout(() => out.end(), 20),
      push: (item, out) => out.push(item),
    });
    await peer.readable.pipeThrough(timed).pipeTo(new WritableStream());
    ended.resolve();
    await peer.write((await peer.read())!);
  });
  await using connection = await connect({ port: listener.address.port });
  await ended.promise;
  await connection.write(bytes("whole"));
  assert.equal(textOf((await connection.read())!), "whole");
});

test("an adopted socket of the runtime is a connection", async () => {
  await using listener = await listen({}, echoing);
  const { port } = listener.address;
  const native = isDeno ? await Deno.connect({ port }) : await new Promise<net.Socket>((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(socket));
  });
  await using connection = await adopt(native);
  await connection.write(bytes("hello"));
  await connection.endWrite();
  assert.equal(await new Response(connection.readable).text(), "hello");
  await assert.rejects(adopt({}), { code: "invalid-argument" });
});

test("options of TCP are taken; ref and unref can be called at any time", async () => {
  await using listener = await listen({ noDelay: false, keepAlive: false, backlog: 5 }, echoing);
  listener.unref();
  listener.ref();
  await using connection = await connect({ port: listener.address.port, noDelay: false, keepAlive: false });
  connection.unref();
  connection.ref();
  await connection.write(bytes("hello"));
  assert.equal(textOf((await connection.read())!), "hello");
});
