import assert from "node:assert/strict";
import { test } from "node:test";
import { Room } from "../../src/chat/room/room.ts";
import { line } from "../../src/framing/line.ts";
import { message } from "../../src/framing/message.ts";
import { Chunk } from "../../src/framing/chunk.ts";
import { chat } from "../../src/chat/room/chat.ts";
import { pipeline } from "../../src/stage/pipeline.ts";
import type { Stage } from "../../src/stage/stage.ts";
import { openDatagrams } from "../../src/transport/datagram.ts";
import { ChatClient } from "../../src/chat/udp/client.ts";
import { serveChat } from "../../src/chat/udp/server.ts";
import { connect, listen } from "../../src/transport/open.ts";
import { pipe } from "../../src/pipe/pipe.ts";
import type { Connection } from "../../src/transport/connection.ts";
import { within } from "../support/deadline.ts";
import { VirtualClock } from "echopipe/testing";

/** The times of day, which differ from run to run. */
const timeless = (text: string) => text.replace(/^\d\d:\d\d:\d\d /gm, "");

/** Somebody at the other end of a stream of lines, who reads all the time. */
class Person {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #ended = false;
  text = "";

  constructor(writable: WritableStream<Uint8Array>, readable: ReadableStream<Uint8Array>) {
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {});
    void this.#read(readable);
  }

  type(text: string): void {
    this.#writer.write(new TextEncoder().encode(text)).catch(() => {});
  }

  close(): void {
    this.#writer.close().catch(() => {});
  }

  /** Waits until the text has come, or the end; returns all that came. */
  async see(text?: string): Promise<string> {
    await within(() => this.#ended || (text !== undefined && this.text.includes(text)), text ?? "the end");
    return timeless(this.text);
  }

  async #read(readable: ReadableStream<Uint8Array>): Promise<void> {
    for await (const bytes of readable) {
      this.text += new TextDecoder().decode(bytes);
    }
    this.#ended = true;
  }
}

const fused = (room: Room, name?: string): Stage<Uint8Array, Uint8Array> => {
  const { decoder, encoder } = line();
  return pipeline(decoder, chat(room, { name }), encoder);
};

/** The same stages, a pair of streams each. */
function unfused(room: Room, name?: string) {
  const { decoder, encoder } = line();
  const readable = decoder.readable.pipeThrough(chat(room, { name })).pipeThrough(encoder);
  return { writable: decoder.writable, readable };
}

for (const [way, seat] of [["fused", fused], ["unfused", unfused]] as const) {
  test(`${way}: the first line is the name, the others are said; what others say comes without asking`, async () => {
    const room = new Room();
    const people = ["ada", "bob"].map(() => {
      const { writable, readable } = seat(room);
      return new Person(writable, readable);
    });
    const [ada, bob] = people;
    ada.type("ada\r\n");
    assert.equal(await ada.see("help"), "Welcome, ada. Here: ada (1). /help explains\n");
    bob.type("bob\n");
    await bob.see("help");
    await ada.see("bob joined");
    bob.type("hel");
    bob.type("lo\n/me waves\n");
    await ada.see("waves");
    assert.match(timeless(ada.text), /bob joined\nbob: hello\n\* bob waves\n$/);
    bob.type("exit\n");
    assert.match(await bob.see(), /Goodbye\n$/);
    await ada.see("bob left");
    ada.close();
    await ada.see();
    assert.deepEqual(room.names, []);
  });

  test(`${way}: a name that is taken or none is asked for again; commands; a text that is too long`, async () => {
    const room = new Room();
    room.join("Ada", () => {});
    const { writable, readable } = seat(room);
    const bob = new Person(writable, readable);
    void bob.type(
      "ada\n\nbell \x07\nbob\n/who\n/nothing\n//slash\n" + "x".repeat(1001) + "\n" + "y".repeat(5000) + "\n",
    );
    bob.type("last, without its end");
    bob.close();
    const text = await bob.see();
    assert.match(text, /Cannot join as "ada": somebody of that name is there already. Your name, please\n/);
    assert.match(text, /Cannot use the name "bell ␇"/);
    assert.match(text, /Here: Ada, bob \(2\)\n/);
    assert.match(text, /no command \/nothing/);
    assert.match(text, /bob: \/slash\n/);
    assert.match(text, /Cannot read a text: it has 1001 bytes, the limit is 1000\n/);
    assert.match(text, /Cannot read a text: it has 500[01] bytes, the limit is 1000\n/);
    assert.match(text, /bob: last, without its end\nGoodbye\n$/);
    assert.deepEqual(room.names, ["Ada"]);
  });

  test(`${way}: a stream that fails is a member that is lost`, async () => {
    const room = new Room();
    const heard: string[] = [];
    room.join("ada", (event) => heard.push(event.type === "left" ? `${event.name} ${event.reason}` : event.type));
    const { writable, readable } = seat(room, "bob");
    const reader = readable.getReader();
    await reader.read();
    await writable.abort(new Error("reset"));
    await assert.rejects(reader.read(), /reset/);
    assert.deepEqual(heard, ["welcome", "joined", "bob lost"]);
  });

  test(`${way}: a member that does not read is left behind; the speaker and the others are not held up`, async () => {
    const room = new Room();
    const heard: string[] = [];
    const ada = room.join("ada", (event) => heard.push(event.type));
    assert.ok("say" in ada);
    const { writable, readable } = seat(room, "bob");
    const reader = readable.getReader();
    await reader.read(); // the welcome; nothing after it
    for (let i = 0; i < 3000; i++) ada.say(`text ${i}`);
    assert.equal(heard.filter((type) => type === "said").length, 3000);
    assert.equal(heard.filter((type) => type === "left").length, 1);
    assert.deepEqual(room.names, ["ada"]);
    let text = "";
    for (let next; !(next = await reader.read()).done;) text += new TextDecoder().decode(next.value);
    assert.match(text, /Goodbye: you did not read fast enough\n$/);
    assert.ok(text.split("\n").length < 1100);
    await writable.abort().catch(() => {});
  });
}

test("who speaks too fast waits: forty texts at once, then twenty a second; none is lost", async () => {
  const clock = new VirtualClock();
  const room = new Room({ now: clock.now });
  const heard: number[] = [];
  const began = clock.now();
  room.join("ada", (event) => {
    if (event.type === "said") heard.push(event.time - began);
  });
  const lines = ["bob", ...Array.from({ length: 100 }, (_, i) => `text ${i}`)].map(Chunk.text);
  const done = Array.fromAsync(chat(room, { clock }).over(lines));
  await clock.wait(done);
  assert.equal(heard.length, 100);
  assert.equal(heard.filter((at) => at === 0).length, 39, "the name was the fortieth");
  assert.ok(heard.every((at, i) => i < 39 || at >= (i - 38) * 50), String(heard));
  assert.equal(heard.at(-1), 61 * 50);
});

test("a name that is known later joins then, and nobody is asked for one", async () => {
  const room = new Room();
  const name = Promise.withResolvers<string | undefined>();
  const { decoder, encoder } = line();
  const { readable, writable } = pipeline(decoder, chat(room, { name: name.promise }), encoder);
  const ada = new Person(writable, readable);
  name.resolve("ada");
  assert.equal(await ada.see("help"), "Welcome, ada. Here: ada (1). /help explains\n");
  ada.close();
  assert.match(await ada.see(), /explains\nGoodbye\n$/);
});

test("texts in a framing with sizes come without line ends, and may hold some", async () => {
  const room = new Room();
  const { decoder, encoder } = message();
  const peer = message();
  const asked = ["ada", "two\nlines"].map(Chunk.text).concat(Chunk.whole(new Uint8Array(3)));
  const bytes = await Array.fromAsync(peer.encoder.over(asked), (view) => view.slice());
  const answers = peer.decoder.over(pipeline(decoder, chat(room), encoder).over(bytes));
  const texts = await Array.fromAsync(answers, ({ bytes }) => timeless(new TextDecoder().decode(bytes)));
  assert.deepEqual(texts, [
    "Welcome, ada. Here: ada (1). /help explains",
    "ada: two␊lines",
    "Cannot send data to a chat: expected text",
    "Goodbye",
  ]);
});

test("one process, one room: people over TCP and over UDP talk to each other, on real sockets", async () => {
  const room = new Room();
  const attend = (peer: Connection) => pipe(peer, fused(room), peer);
  await using listener = await listen({}, attend);
  await using server = serveChat(await openDatagrams(), room);
  await using connection = await connect({ port: listener.address.port });
  const person = new Person(connection.writable, connection.readable);
  await person.see("Your name, please\n");
  person.type("ada\n");
  await person.see("Welcome, ada");
  await using bob = new ChatClient(await openDatagrams(), { server: server.address, name: "bob" });
  await bob.join();
  await bob.say("hello over UDP");
  assert.match(await person.see("hello over UDP"), /bob joined\nbob: hello over UDP\n$/);
  person.type("hello over TCP\n");
  const heard = [];
  for await (const event of bob.events) {
    heard.push(event.type);
    if (event.type === "said" && event.name === "ada") {
      assert.equal(event.text, "hello over TCP");
      break;
    }
  }
  assert.deepEqual(heard, ["welcome", "said", "said"]);
  await bob.leave();
  await person.see("bob left");
  person.type("exit\n");
  assert.match(await person.see(), /Goodbye\n$/);
});
