import assert from "node:assert/strict";
import { test } from "node:test";
import { auto } from "../../src/framing/auto.ts";
import { Chunk } from "../../src/framing/chunk.ts";
import { access } from "../../src/access/access.ts";
import type { AccessEvent } from "../../src/access/steps.ts";
import { echo } from "../../src/handlers/echo.ts";
import { pipeline } from "../../src/stage/pipeline.ts";
import { answer, chunkOf, gate, hello, say, shortly, type Turn, turnOf } from "./access_support.ts";

const control = (text: string) => Chunk.whole(new TextEncoder().encode(text), "control");
const identify = () => access({ mode: "identify", login: gate() });
const lines = () => access({ mode: "identify", login: gate(), framing: "line" });

/** Said under `open`, and what comes of it. */
const open: Record<string, [Turn[], Turn[]]> = {
  "who says nothing gets a plain echo": [["one", "two"], ["one", "two"]],
  "lines too": [["one\n"], ["one\n"]],
  "hello is welcomed": [[hello, "one"], [{ type: "welcome", version: 1, access: "open" }, "one"]],
  "unknown types are ignored": [[control(`{"type":"dance"}`), "one"], ["one"]],
  "what only servers say is ignored": [[{ type: "bye", reason: "x", text: "x" }, "one"], ["one"]],
  "an answer nobody asked for ends it, in silence without a hello": [["one", answer("name", "x"), "two"], ["one"]],
};
for (const [name, [said, heard]] of Object.entries(open)) {
  test(`open: ${name}`, async () => assert.deepEqual(await say(access(), ...said), heard));
}

/** Said under a login, and what comes of it, shortly. */
const login: Record<string, [Turn[], string[]]> = {
  "asked, answered, welcomed": [[hello, answer("name", "friend"), "hi"], ["ask name", "welcome", "hi"]],
  "a token saves the question": [[{ ...hello, token: "valid" } as Turn, "hi"], ["welcome", "hi"]],
  "a token that has ended leads to the question": [[{ ...hello, token: "old" } as Turn], ["ask name"]],
  "asked again": [[hello, answer("name", "foe"), answer("name", "friend")], ["ask name", "ask name", "welcome"]],
  "a text before the login": [[hello, "hi", answer("name", "friend")], ["ask name", "refused login-required"]],
  "data before the login": [[hello, Chunk.whole(new Uint8Array(9)), "hi"], ["ask name", "refused login-required"]],
  "two hellos": [[hello, hello, "hi"], ["ask name", "refused out-of-order"]],
  "two hellos, the second after the login": [
    [hello, answer("name", "friend"), hello, "hi"],
    ["ask name", "welcome", "refused out-of-order"],
  ],
  "an answer to another question": [[hello, answer("password", "x")], ["ask name", "refused out-of-order"]],
  "an answer after the login": [
    [hello, answer("name", "friend"), answer("name", "friend")],
    ["ask name", "welcome", "refused out-of-order"],
  ],
  "an answer before the hello: a clean end without a word": [[answer("name", "friend"), hello], []],
  "a later version": [[{ type: "hello", version: 2 }, "hi"], ["refused version"]],
  "logout": [[hello, answer("name", "friend"), { type: "logout" }, "hi"], ["ask name", "welcome", "bye"]],
  "logout of nobody": [[hello, { type: "logout" }], ["ask name", "refused out-of-order"]],
  "exit before the login": [[hello, "exit", "hi"], ["ask name", "bye"]],
  "unknown types do not count": [[control(`{"type":"dance"}`), hello], ["ask name"]],
  "but only so many": [[hello, ...Array(20).fill(control(`{"type":"dance"}`))], ["ask name", "refused too-much"]],
  "without a hello a dialogue in texts": [["friend", "hi"], ["Who goes there?", "Pass, friend", "hi"]],
  "data without a login": [[Chunk.whole(new Uint8Array(9))], ["Refused: Log in before you send messages"]],
};
for (const [name, [said, heard]] of Object.entries(login)) {
  test(`login: ${name}`, async () => assert.deepEqual(shortly(await say(identify(), ...said)), heard));
}

/** The same logic in lines. */
const dialogue: Record<string, [Turn[], string[]]> = {
  "asked, answered, greeted": [["friend\n", "hi\n"], ["Who goes there?\n", "Pass, friend\n", "hi\n"]],
  "with carriage returns": [["friend\r\n", "hi\r\n"], ["Who goes there?\n", "Pass, friend\n", "hi\r\n"]],
  "asked again": [["foe\n", "friend\n"], ["Who goes there?\n", "Who goes there?\n", "Pass, friend\n"]],
  "exit": [["exit\n", "hi\n"], ["Who goes there?\n", "Goodbye\n"]],
  "too much": [[`${"x".repeat(5000)}\n`, "hi\n"], [
    "Who goes there?\n",
    "Refused: More than 4096 bytes before the login\n",
  ]],
  "a last line without an end": [[
    new Chunk(new TextEncoder().encode("friend"), 0, 6, "text", true, false, undefined),
  ], ["Who goes there?\n", "Pass, friend\n"]],
};
for (const [name, [said, heard]] of Object.entries(dialogue)) {
  test(`lines: ${name}`, async () => assert.deepEqual(await say(lines(), ...said), heard));
}

test("an answer in pieces is one answer", async () => {
  const bytes = new TextEncoder().encode("friend\n");
  const pieces = [0, 1, 2, 3, 4, 5, 6].map((i) => new Chunk(bytes, i, i + 1, "text", i === 0, i === 6, undefined));
  assert.deepEqual(await say(lines(), ...pieces), ["Who goes there?\n", "Pass, friend\n"]);
});

test("an answer that is not UTF-8 is an error", async () => {
  const bytes = Uint8Array.of(0xff, 0x0a);
  const line = new Chunk(bytes, 0, 2, "text", true, true, undefined);
  await assert.rejects(say(lines(), line), { code: "invalid-text" });
});

test("a malformed control message is an error, with its position in the stream", async () => {
  await assert.rejects(say(access(), "one", control("[]")), { code: "protocol", position: 7 });
});

test("what came before an error is delivered", async () => {
  const heard: unknown[] = [];
  const stage = pipeline(access(), echo<Chunk>());
  await assert.rejects(async () => {
    for await (const chunk of stage.over([chunkOf("one"), control("[]")])) heard.push(turnOf(chunk));
  });
  assert.deepEqual(heard, ["one"]);
});

test("alone and fused it is the same", async () => {
  const said = [hello, answer("name", "friend"), "hi"].map(chunkOf);
  const alone = await Array.fromAsync(identify().over(said), turnOf);
  const piped = await Array.fromAsync(ReadableStream.from(said).pipeThrough(identify()), turnOf);
  const fused = await say(identify(), ...said);
  assert.deepEqual(alone, fused);
  assert.deepEqual(piped, fused);
});

test("the server speaks first in lines", async () => {
  const stage = pipeline(lines(), echo<Chunk>());
  const reader = stage.readable.getReader();
  assert.equal(turnOf((await reader.read()).value!), "Who goes there?\n");
  const writer = stage.writable.getWriter();
  const said = writer.write(chunkOf("friend\n"));
  assert.equal(turnOf((await reader.read()).value!), "Pass, friend\n");
  await said;
  await Promise.all([writer.close(), reader.read()]);
});

test("where the framing is not known yet, it speaks after a while, as to lines", async () => {
  const codec = auto();
  const stage = access({ mode: "identify", login: gate(), framing: codec });
  const reader = stage.readable.getReader();
  assert.equal(turnOf((await reader.read()).value!), "Who goes there?\n");
  assert.equal(codec.detected, undefined);
  await reader.cancel();
});

test("who is silent for too long is turned away", async () => {
  const events: AccessEvent[] = [];
  const stage = access({
    mode: "identify",
    login: gate(),
    framing: "line",
    loginTimeout: 30,
    onEvent: (event) => events.push(event),
  });
  const heard = await Array.fromAsync(stage.readable, turnOf);
  assert.deepEqual(heard, ["Who goes there?\n", "Refused: The login took too long\n"]);
  assert.deepEqual(events.map((event) => event.type === "refused" && event.code), ["timed-out"]);
});

test("who never says hello is turned away without a word", async () => {
  const stage = access({ mode: "identify", login: gate(), loginTimeout: 20 });
  assert.deepEqual(await Array.fromAsync(stage.readable), []);
});

test("a login that fails is a refusal, and reported", async () => {
  const events: AccessEvent[] = [];
  const broken = { begin: () => Promise.reject(new Error("disk on fire")), answer: () => Promise.reject(new Error()) };
  const stage = access({ mode: "password", login: broken, onEvent: (event) => events.push(event) });
  assert.deepEqual(shortly(await say(stage, hello, "hi")), ["refused unavailable"]);
  assert.deepEqual(events.map(({ type }) => type), ["failed", "refused"]);
});

test("a farewell is told at the end, to who said hello", async () => {
  const stage = access();
  async function* said() {
    yield chunkOf(hello);
    stage.farewell("stop", "The server stops");
  }
  const heard = await Array.fromAsync(stage.over(said()), turnOf);
  assert.deepEqual(heard.at(-1), { type: "bye", reason: "stop", text: "The server stops" });
  const silent = access();
  silent.farewell("stop", "The server stops");
  assert.deepEqual(await say(silent, "one"), ["one"]);
});

test("a login is wanted where there is access to control, and nowhere else", () => {
  assert.throws(() => access({ mode: "password" }), { code: "invalid-argument" });
  assert.throws(() => access({ login: gate() }), { code: "invalid-argument" });
});
