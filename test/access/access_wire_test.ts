/** Control messages as bytes on a socket, valid and not: each ends in a documented reply or a clean close. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import type { ServiceLog } from "../../src/service_log.ts";
import { type Server, startServer } from "../../src/server/server.ts";
import { exchange, messageBytes } from "../support/sockets.ts";

const control = (value: unknown) => messageBytes(typeof value === "string" ? value : JSON.stringify(value), "control");
const text = (value: string) => messageBytes(value);
const hello = control({ type: "hello", version: 1 });
const answer = (field: string, value: string) => control({ type: "answer", field, value });

/** What came back, message by message: the type and code of control messages, texts as they are. */
function shortly(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = bytes.readUInt32BE(at);
    const size = header & 0x3fffffff;
    const payload = bytes.subarray(at + 4, at + 4 + size).toString();
    if (header >>> 30 === 2) {
      const { type, code, field } = JSON.parse(payload);
      messages.push(["control", type, code ?? field].filter(Boolean).join(" "));
    } else messages.push(payload);
    at += 4 + size;
  }
  return messages;
}

/** A dialogue: its name, what the client sends, what comes back, and the event that the server logs, if any. */
type Dialogue = readonly [string, readonly Uint8Array[], readonly string[], string?];

const everywhere = (open: boolean): Dialogue[] => {
  const greeting = open ? "control welcome" : "control ask name";
  return [
    ["hello", [hello], [greeting]],
    ["hello of a later version", [control({ type: "hello", version: 99 })], ["control refused version"]],
    ["two hellos", [hello, hello], [greeting, "control refused out-of-order"]],
    ["unknown types are ignored", [hello, control({ type: "dance" })], [greeting]],
    ["what servers say is ignored", [hello, control({ type: "bye", reason: "x", text: "x" })], [greeting]],
    ["an answer nobody asked for", [hello, answer("password", "x")], [greeting, "control refused out-of-order"]],
    ["an answer before the hello", [answer("name", "x"), hello], []],
    ["a logout before the hello", [control({ type: "logout" }), hello], []],
    ["not JSON", [hello, control("{")], [greeting], "protocol.error"],
    ["not an object", [hello, control("[1]")], [greeting], "protocol.error"],
    ["not UTF-8", [hello, messageBytes(Uint8Array.of(0x22, 0xff, 0x22), "control")], [greeting], "protocol.error"],
    ["empty", [hello, control("")], [greeting], "protocol.error"],
    ["a type that is no string", [hello, control({ type: {} })], [greeting], "protocol.error"],
    ["a hello without its version", [control({ type: "hello" })], [], "protocol.error"],
    ["nested a thousand deep", [hello, control(`{"type":"x","y":${"[".repeat(1000)}${"]".repeat(1000)}}`)], [greeting]],
    ["4,096 bytes", [control(`{"type":"hello","version":1}`.padEnd(4096)), hello.subarray(0, 0)], [greeting]],
    ["4,097 bytes", [hello, control(`{"type":"x"}`.padEnd(4097))], [greeting], "protocol.error"],
    ["1 MiB of JSON", [hello, control(`{"type":"x","y":"${"y".repeat(1 << 20)}"}`)], [greeting], "protocol.error"],
    ["cut short", [hello, control({ type: "logout" }).subarray(0, 9)], [greeting], "protocol.error"],
    ["a reserved kind", [hello, Uint8Array.of(0xc0, 0, 0, 1, 0)], [greeting], "protocol.error"],
  ];
};

const openOnly: Dialogue[] = [
  ["no hello: a plain echo", [text("one"), text("")], ["one", ""]],
  ["hello, then echo", [hello, text("one")], ["control welcome", "one"]],
  ["a late hello is welcomed too", [text("one"), hello, text("two")], ["one", "control welcome", "two"]],
  ["exit is answered by bye", [hello, text("exit"), text("x")], ["control welcome", "control bye"]],
  ["logout too", [hello, control({ type: "logout" }), text("x")], ["control welcome", "control bye"]],
];

const loginOnly: Dialogue[] = [
  ["a text before the login", [hello, text("x")], ["control ask name", "control refused login-required"]],
  [
    "a 1 GiB message before the login",
    [hello, Uint8Array.of(0x3f, 0xff, 0xff, 0xff, 1, 2, 3)],
    ["control ask name", "control refused login-required"],
  ],
  ["exit before the login", [hello, text("exit")], ["control ask name", "control bye"]],
  ["a token that is none", [control({ type: "hello", version: 1, token: "x" })], ["control ask name"]],
  [
    "three names that cannot be",
    [hello, answer("name", ""), answer("name", "stop"), answer("name", "\u0007")],
    ["control ask name", "control ask name", "control ask name", "control refused credentials"],
  ],
  ["17 messages", [hello, ...Array(16).fill(control({ type: "x" }))], ["control ask name", "control refused too-much"]],
];

for (const access of ["open", "identify", "password"] as const) {
  describe(`control messages under access ${access}`, () => {
    const events: string[] = [];
    const log: ServiceLog = { record: (_level, event) => void events.push(event) };
    let server: Server;
    before(async () => {
      const users = new MemoryUserStore();
      server = await startServer({ port: 0, framing: "message", access, users }, log);
    });
    after(() => server.stop());

    const open = access === "open";
    for (const [name, sent, expected, event] of [...everywhere(open), ...(open ? openOnly : loginOnly)]) {
      test(name, async () => {
        events.length = 0;
        const back = await exchange(server.address.port, Buffer.concat(sent));
        assert.deepEqual(shortly(back), expected);
        assert.deepEqual(events.includes("protocol.error"), event === "protocol.error");
        assert.ok(!events.includes("connection.failed"));
      });
    }
  });
}

test("a whole life under access password", async () => {
  await using server = await startServer({ port: 0, access: "password", users: new MemoryUserStore() });
  const { port } = server.address;
  const login = [hello, answer("name", "anna"), answer("new-password", "a long walk home"), text("hi"), text("exit")];
  const first = await exchange(port, Buffer.concat(login));
  assert.deepEqual(shortly(first), [
    "control ask name",
    "control ask new-password",
    "control welcome",
    "hi",
    "control bye",
  ]);
  const token = /"token":"([\w-]{43})"/.exec(first.toString())![1];
  const again = control({ type: "hello", version: 1, token });
  const second = await exchange(port, Buffer.concat([again, text("hi"), control({ type: "logout" })]));
  assert.deepEqual(shortly(second), ["control welcome", "hi", "control bye"]);
  const third = await exchange(port, Buffer.concat([again, text("hi")]));
  assert.deepEqual(shortly(third), ["control ask name", "control refused login-required"]);
});
