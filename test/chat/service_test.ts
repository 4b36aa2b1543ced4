/** The chat as a server's service: behind its login, beside its commands, in both framings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chat } from "../../src/chat/room/chat.ts";
import { isAnswer } from "../../src/handlers/answer.ts";
import { Room } from "../../src/chat/room/room.ts";
import { message } from "../../src/framing/message.ts";
import { controlChunk, parseControl } from "../../src/access/control.ts";
import { Chunk } from "../../src/framing/chunk.ts";
import { startServer } from "../../src/server/server.ts";
import { temporaryFolder } from "../support/commands.ts";
import { within } from "../support/deadline.ts";
import { open } from "../support/sockets.ts";
import type net from "node:net";

const service = (room: Room) => ({ name, lines }: { name?: Promise<string | undefined>; lines: () => boolean }) =>
  chat(room, { name, lines });

/** Reads text until it says so. */
function reader(socket: net.Socket): (expected: RegExp) => Promise<string> {
  let text = "";
  let over = false;
  socket.on("data", (bytes: Uint8Array) => {
    text += new TextDecoder().decode(bytes);
  });
  socket.on("close", () => {
    over = true;
  });
  return async (expected) => {
    await within(() => over || expected.test(text), String(expected));
    assert.match(text, expected);
    return text;
  };
}

test("a person with nc who is asked for a name by the login joins with it; the login's texts are said to nobody", async () => {
  await using folder = await temporaryFolder();
  const room = new Room();
  const heard: string[] = [];
  room.join("watcher", (event) => heard.push("text" in event ? event.text : event.type));
  await using server = await startServer({
    port: 0,
    access: "identify",
    users: folder.file("users.json"),
    service: service(room),
  });
  const socket = await open(server.address.port);
  const sees = reader(socket);
  await sees(/name/i);
  socket.write("ada\n");
  await sees(/Welcome, ada\. Here: watcher, ada \(2\)/);
  socket.write("hello\n");
  await sees(/ada: hello\n/);
  socket.write("exit\n");
  await sees(/Goodbye\n/);
  socket.destroy();
  assert.deepEqual(heard.slice(0, 3), ["welcome", "joined", "hello"]);
});

test("a client in the message framing gets its welcome as control, texts without line ends, and hears the others", async () => {
  const room = new Room();
  await using server = await startServer({ port: 0, service: service(room) });
  const socket = await open(server.address.port);
  const send = async (chunk: Chunk) => {
    for (const bytes of await Array.fromAsync(message().encoder.over([chunk]), (view) => view.slice())) {
      socket.write(bytes);
    }
  };
  await send(controlChunk({ type: "hello", version: 1 }));
  await send(Chunk.text("ada"));
  const got: string[] = [];
  const other = { say: (_: string) => {} };
  for await (const chunk of message().decoder.over(socket)) {
    const text = new TextDecoder().decode(chunk.bytes);
    got.push(chunk.kind === "control" ? parseControl(chunk.bytes)!.type : text.replace(/^[\d:]{8} /, ""));
    if (text.startsWith("Welcome")) {
      const joined = room.join("bob", () => {});
      assert.ok("say" in joined);
      other.say = joined.say;
    }
    if (text.endsWith("bob joined")) other.say("hello");
    if (text.endsWith("bob: hello")) await send(Chunk.text("exit"));
  }
  assert.deepEqual(got.slice(0, 4), [
    "welcome",
    "Welcome, ada. Here: ada (1). /help explains",
    "bob joined",
    "bob: hello",
  ]);
  assert.deepEqual(got.slice(4).toSorted(), ["Goodbye", "bye"]);
  socket.destroy();
  assert.deepEqual(room.names, ["bob"]);
});

test("what is for the client passes the chat untouched, and is said to nobody", async () => {
  const room = new Room();
  const heard: string[] = [];
  room.join("watcher", (event) => heard.push(event.type));
  const bye = controlChunk({ type: "bye", reason: "exit", text: "Goodbye" });
  assert.ok(isAnswer(bye) && !isAnswer(Chunk.text("x")));
  const out = await Array.fromAsync(chat(room, { name: "ada" }).over([bye]));
  assert.ok(out.includes(bye));
  assert.deepEqual(heard, ["welcome", "joined", "left"]);
});
