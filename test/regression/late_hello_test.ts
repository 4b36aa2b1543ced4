import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { describe, test } from "node:test";
import { connect } from "echopipe";
import { bulkEcho } from "../../src/client/bulk.ts";
import { Dialogue } from "../../src/client/dialogue.ts";
import { SkipText } from "../../src/client/skip_text.ts";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { newUser, withAddress } from "../../src/identity/users.ts";
import { startServer } from "../../src/server/server.ts";
import { bytesOf, inTwo, join, single, textOf } from "../support/cuts.ts";
import { within } from "../support/deadline.ts";
import { messageBytes, open } from "../support/sockets.ts";

/** A network that is slow in one direction: what the client sends arrives when the server has spoken. */
async function slowNetwork(port: number) {
  const sockets: net.Socket[] = [];
  const relay = net.createServer({ allowHalfOpen: true }, (client) => {
    const server = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    sockets.push(client, server);
    server.once("data", () => client.pipe(server));
    server.pipe(client);
    for (const socket of [client, server]) socket.on("error", () => {});
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  return {
    port: (relay.address() as net.AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      relay.close();
      await once(relay, "close");
    },
  };
}

/** A server, and a store in which the client's address is known or not. */
async function serverWith(known: boolean) {
  const users = new MemoryUserStore();
  if (known) await users.create(withAddress(newUser("anna"), "127.0.0.1"));
  return await startServer({ port: 0, access: "identify", users });
}

for (const known of [false, true]) {
  const who = known ? "is known" : "is asked for its name";
  describe(`10-11: a hello that comes later than the server's own question, from a client that ${who}`, () => {
    const introduction = { answer: () => Promise.resolve("anna") };

    test("on the wire: the first control message stands behind the text", async () => {
      await using server = await serverWith(known);
      const socket = await open(server.address.port);
      let heard = Buffer.alloc(0);
      socket.on("data", (bytes: Uint8Array) => heard = Buffer.concat([heard, bytes]));
      await within(() => heard.includes("\n"), "the question as a line");
      socket.write(messageBytes(JSON.stringify({ type: "hello", version: 1 }), "control"));
      await within(() => heard.includes("}"), "a control message");
      const question = known ? "Hello again, anna\n" : "Hello, what is your name?\n";
      const step = known
        ? { type: "welcome", version: 1, access: "identify", name: "anna" }
        : { type: "ask", field: "name", text: "Hello, what is your name?" };
      const expected = Buffer.concat([bytesOf(question), messageBytes(JSON.stringify(step), "control")]);
      assert.equal(heard.toString("latin1"), expected.toString("latin1"));
      socket.destroy();
    });

    test("bulk echo", async () => {
      await using server = await serverWith(known);
      await using network = await slowNetwork(server.address.port);
      await using connection = await connect({ port: network.port });
      const back: Uint8Array[] = [];
      const blocks = [bytesOf("one\n"), bytesOf("two")];
      const source = {
        read: () => Promise.resolve(blocks.shift() ?? null),
        release() {},
        abort: () => Promise.resolve(),
      };
      const sink = {
        write: (bytes: Uint8Array) => Promise.resolve(void back.push(bytes.slice())),
        endWrite: () => Promise.resolve(),
        abort() {},
      };
      const result = await bulkEcho(connection, source, sink, { introduction, timeoutMs: 20_000 });
      assert.deepEqual([result.failure, result.matched, textOf(join(back))], [undefined, true, "one\ntwo"]);
    });

    test("a dialogue", async () => {
      await using server = await serverWith(known);
      await using network = await slowNetwork(server.address.port);
      await using connection = await connect({ port: network.port });
      const back: string[] = [];
      const dialogue = new Dialogue(connection, "message", {
        ...introduction,
        received: (bytes) => back.push(textOf(bytes)),
      });
      await dialogue.greet(20_000);
      await dialogue.send("hi");
      await dialogue.end();
      await dialogue.ended;
      assert.deepEqual(back, ["hi"]);
    });
  });
}

test("10-11: text before the first message is skipped, however it is cut, and nothing else is", async () => {
  const hello = messageBytes("{}", "control");
  const cases: [Uint8Array, Uint8Array][] = [
    [join([bytesOf("Hello \u00c0\u0080@\r\nYour name?\n"), hello]), hello],
    [hello, hello],
    [messageBytes("A\nB"), messageBytes("A\nB")],
    [messageBytes("A\nB", "data"), messageBytes("A\nB", "data")],
    [Uint8Array.of(0xc0, 0x0a, 0x41), Uint8Array.of(0xc0, 0x0a, 0x41)],
    [bytesOf("no end"), new Uint8Array(0)],
  ];
  for (const [bytes, passed] of cases) {
    for (const pieces of [[bytes], single(bytes), ...inTwo(bytes)]) {
      assert.deepEqual(join(await Array.fromAsync(new SkipText().over(pieces))), Uint8Array.from(passed));
    }
  }
});
