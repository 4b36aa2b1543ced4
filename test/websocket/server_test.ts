/** WebSocket against the echo server: npm's `ws` as the client. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Room } from "../../src/chat/room/room.ts";
import { chat } from "../../src/chat/room/chat.ts";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { startServer } from "../../src/server/server.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { holds } from "../support/property.ts";
import { exchange, messageBytes, open } from "../support/sockets.ts";
import { Client } from "./client.ts";
import { frame, request } from "./support.ts";

const CONTROL = ["echopipe.control.1"];
const hello = { type: "hello", version: 1 };

describe("ws as the client of a server of framing auto", () => {
  test("texts, binary, fragments and pings; an offered compression is not taken; lines and messages on the same port", async () => {
    await using server = await startServer({ port: 0 });
    const { port } = server.address;
    await using client = await Client.open(port, [], { perMessageDeflate: true });
    assert.equal(client.socket.extensions, "");
    for (const text of ["", "hello", "世界 🌍", "x".repeat(70_000)]) {
      client.socket.send(text);
      assert.equal(await client.next(), text);
    }
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 1 << 20]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 31 >> 3);
      client.socket.send(bytes);
      assert.equal(Buffer.compare(await client.next() as Uint8Array, bytes), 0, `${length} bytes`);
    }
    client.socket.send("frag", { fin: false });
    client.socket.ping("between");
    client.socket.send("ment", { fin: true });
    assert.equal(await client.next(), "fragment");
    assert.deepEqual(client.pongs, ["between"]);
    assert.equal(String(await exchange(port, "GET up\nstand up\n")), "GET up\nstand up\n");
    assert.deepEqual(await exchange(port, messageBytes("hi")), messageBytes("hi"));
    client.socket.close(3000, "enough");
    assert.deepEqual(await client.ended(), { code: 3000, reason: "" });
  });

  test("by property: random messages, in random fragments, come back as they were", async () => {
    await using server = await startServer({ port: 0, chunkSize: 100 });
    await using client = await Client.open(server.address.port);
    const body = fc.oneof(fc.string({ unit: "grapheme", maxLength: 500 }), fc.uint8Array({ maxLength: 2000 }));
    const message = fc.record({ body, cut: fc.nat(10) });
    await holds(
      60,
      fc.asyncProperty(fc.array(message, { maxLength: 8 }), async (messages) => {
        for (const { body, cut } of messages) {
          // `ws` sends a fragment of text as a string of its own: no cut inside a character.
          const at = cut < body.length && typeof body !== "string" ? cut : 0;
          if (at > 0) client.socket.send(body.slice(0, at), { fin: false });
          client.socket.send(body.slice(at), { fin: true });
        }
        for (const { body } of messages) assert.deepEqual(await client.next(), body);
      }),
    );
  });

  test("exit ends it, stop is refused and told", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, allowStop: "loopback" }, log);
    const client = await Client.open(server.address.port);
    client.socket.send("stop");
    assert.match(String(await client.next()), /^stop refused: it is never taken from a WebSocket/);
    client.socket.send("still there");
    assert.equal(await client.next(), "still there");
    client.socket.send("exit");
    assert.deepEqual(await client.ended(), { code: 1000, reason: "" });
    assert.equal(log.of("stop.refused").length, 1);
    assert.equal(String(await exchange(server.address.port, "and the server\n")), "and the server\n");
    await within(() => log.of("client.disconnected").length > 0, "the record");
    assert.deepEqual(log.values("client.disconnected", "reason").slice(0, 1), ["exit"]);
  });

  test("a stop of the server is told as going away, behind what was received", async () => {
    const server = await startServer({ port: 0 });
    const client = await Client.open(server.address.port);
    client.socket.send("before");
    assert.equal(await client.next(), "before");
    await server.stop();
    assert.deepEqual(await client.ended(), { code: 1001, reason: "" });
  });

  test("a frame that is not valid: its code to the client, a protocol error in the log", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0 }, log);
    const wrong: [Uint8Array, number][] = [
      [frame(3, "x"), 1002],
      [frame(1, Uint8Array.of(0xff)), 1007],
      [frame(2, "x", { masked: false }), 1002],
    ];
    for (const [bytes, code] of wrong) {
      const back = await exchange(server.address.port, Buffer.concat([request(), bytes]));
      assert.deepEqual([...back.subarray(-4)], [0x88, 2, code >> 8, code & 0xff]);
    }
    await within(() => log.of("client.disconnected").length === 3, "three records");
    assert.deepEqual(log.values("client.disconnected", "reason"), Array(3).fill("protocol error"));
  });

  test("a handshake in single bytes, and frames with its last", async () => {
    await using server = await startServer({ port: 0 });
    const socket = await open(server.address.port);
    const parts: Uint8Array[] = [];
    socket.on("data", (bytes: Uint8Array) => parts.push(bytes));
    const head = request();
    for (const byte of head.subarray(0, 20)) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resume) => setTimeout(resume, 1));
    }
    socket.write(Buffer.concat([head.subarray(20), frame(1, "hello")]));
    await within(() => Buffer.concat(parts).includes("\x81\x05hello", 0, "latin1"), "the echo");
    socket.destroy();
  });
});

describe("a WebSocket that stands still", () => {
  const cases: [string, Uint8Array][] = [
    ["inside the first line of its request", request().subarray(0, 7)],
    ["inside the head of its request", request().subarray(0, 60)],
    ["inside a frame", Buffer.concat([request(), frame(1, "hello").subarray(0, 8)])],
    ["between the frames of a message", Buffer.concat([request(), frame(1, "hel", { final: false })])],
  ];
  test("is ended by the timeout of a message that was begun", async () => {
    await Promise.all(cases.map(async ([where, bytes]) => {
      const log = new KeptLog();
      await using server = await startServer({ port: 0, headerTimeout: 1 }, log);
      const socket = await open(server.address.port);
      socket.on("error", () => {});
      socket.resume();
      socket.write(bytes);
      await within(() => log.of("client.disconnected").length === 1, where);
      assert.deepEqual(log.values("client.disconnected", "reason"), ["sent nothing of a message for 1 s"], where);
      socket.destroy();
    }));
  });

  test("may be silent between messages", async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, headerTimeout: 1, idleTimeout: 2 }, log);
    const client = await Client.open(server.address.port);
    client.socket.send("hello");
    assert.deepEqual(await client.ended(), { code: 1001, reason: "" });
    await within(() => log.of("client.disconnected").length === 1, "the record"); // the client sees its end before it
    assert.deepEqual(log.values("client.disconnected", "reason"), ["silent for 2 s"]);
  });
});

describe("control messages", () => {
  test("travel as texts of their subprotocol: hello, welcome, bye", async () => {
    await using server = await startServer({ port: 0 });
    await using client = await Client.open(server.address.port, ["other", ...CONTROL]);
    assert.equal(client.socket.protocol, CONTROL[0]);
    client.sendObject(hello);
    assert.deepEqual(await client.nextObject(), { type: "welcome", version: 1, access: "open" });
    // Texts that are no control message, of which some begin as one.
    const texts = ["{", '{"type":"other"}', '{"version":1}', `{"a":"${"x".repeat(5000)}"}`, "[1]", "{}", ""];
    for (const text of texts) client.socket.send(text);
    for (const text of texts) assert.equal(await client.next(), text);
    client.socket.send(new TextEncoder().encode('{"type":"logout"}')); // data is data
    assert.ok(await client.next() instanceof Uint8Array);
    client.socket.send("exit");
    assert.equal((await client.nextObject()).type, "bye");
    assert.equal((await client.ended()).code, 1000);
  });

  test("are texts like any other without it", async () => {
    await using server = await startServer({ port: 0 });
    await using client = await Client.open(server.address.port);
    client.sendObject(hello);
    assert.deepEqual(await client.nextObject(), hello);
  });

  test("that are malformed are a protocol error", async () => {
    await using server = await startServer({ port: 0 });
    await using client = await Client.open(server.address.port, CONTROL);
    client.sendObject({ type: "hello" });
    assert.equal((await client.ended()).code, 1002);
  });

  test("log a client in by name and password, then by its token", async () => {
    await using server = await startServer({ port: 0, access: "password", users: new MemoryUserStore() });
    const client = await Client.open(server.address.port, CONTROL);
    client.sendObject(hello);
    const asked = [];
    let welcome = await client.nextObject();
    for (; welcome.type === "ask"; welcome = await client.nextObject()) {
      asked.push(welcome.field);
      const value = welcome.field === "name" ? "ada" : "a long enough one";
      client.sendObject({ type: "answer", field: welcome.field, value });
    }
    assert.deepEqual(asked, ["name", "new-password"]);
    assert.deepEqual([welcome.type, welcome.name], ["welcome", "ada"]);
    client.socket.close();
    await client.ended();

    await using again = await Client.open(server.address.port, CONTROL);
    again.sendObject({ ...hello, token: welcome.token });
    const known = await again.nextObject();
    assert.deepEqual([known.type, known.name], ["welcome", "ada"]);
    again.socket.send("hi");
    assert.equal(await again.next(), "hi");
  });

  test("are not needed to give a name: in texts, without line ends", async () => {
    await using server = await startServer({ port: 0, access: "identify", users: new MemoryUserStore() });
    await using client = await Client.open(server.address.port);
    assert.equal(await client.next(), "Hello, what is your name?");
    client.socket.send("ada", { fin: false });
    client.socket.send("", { fin: true });
    assert.equal(await client.next(), "Hello, ada");
    client.socket.send("hi");
    assert.equal(await client.next(), "hi");
  });
});

describe("other services", () => {
  test("chat: a browser's client and one of lines hear each other", async () => {
    const room = new Room();
    await using server = await startServer({ port: 0, service: ({ name, lines }) => chat(room, { name, lines }) });
    await using client = await Client.open(server.address.port);
    client.socket.send("ada");
    assert.match(String(await client.next()), /^Welcome, ada\. Here: ada \(1\)\. \/help explains$/);
    const socket = await open(server.address.port);
    let heard = "";
    socket.on("data", (bytes: Uint8Array) => heard += bytes);
    socket.write("bob\nhello\n");
    assert.match(String(await client.next()), / bob joined$/);
    assert.match(String(await client.next()), / bob: hello$/);
    client.socket.send("and you");
    await within(() => / ada: and you\n$/.test(heard), "the answer");
    socket.end("exit\n");
    socket.resume();
    assert.match(String(await client.next()), / ada: and you$/);
    assert.match(String(await client.next()), / bob left$/);
  });

  test("daytime: one text, without a line end, and the end", async () => {
    await using server = await startServer({ port: 0, service: "daytime" });
    const client = await Client.open(server.address.port);
    assert.match(String(await client.next()), /\d\d:\d\d:\d\d.*[^\n]$/);
    assert.equal((await client.ended()).code, 1000);
  });
});
