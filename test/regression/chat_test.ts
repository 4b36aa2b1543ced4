import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { chat } from "../../src/chat/room/chat.ts";
import { Room } from "../../src/chat/room/room.ts";
import { MAX_DATAGRAM } from "../../src/chat/udp/datagrams.ts";
import { Chunk } from "../../src/framing/chunk.ts";
import { startServer } from "../../src/server/server.ts";
import { Party } from "../chat/support/party.ts";
import { temporaryFolder } from "../support/commands.ts";
import { within } from "../support/deadline.ts";
import { open } from "../support/sockets.ts";

/** The session, direction and number of each sealed datagram, and all of its bytes. */
function sealedDatagrams(party: Party): { key: string; bytes: Buffer }[] {
  const seen: { key: string; bytes: Buffer }[] = [];
  party.network.watch = ({ from, bytes }) => {
    if (bytes[3] < 6) return;
    const direction = from === "127.0.0.1:9091" ? "to client" : "to server";
    seen.push({ key: `${direction} ${Buffer.from(bytes.subarray(4, 16)).toString("hex")}`, bytes: Buffer.from(bytes) });
  };
  return seen;
}

test("10-8: who listens reads neither texts nor the names in them, and no number is used twice with one key", async () => {
  const party = new Party(8);
  const seen = sealedDatagrams(party);
  party.network.route = party.network.lossy;
  const [ada, bob] = await party.join("ada lovelace", "bob");
  const texts = Array.from({ length: 60 }, (_, i) => `the secret is ${i}`);
  await party.clock.wait(Promise.all(texts.map((text) => ada.client.say(text))));
  await party.clock.wait(ada.client.say("x".repeat(1000)));
  await party.clock.until(() => bob.count("said") === 61);
  assert.deepEqual(bob.textsOf("ada lovelace").slice(0, 60), texts);
  await party.close([ada, bob]);
  assert.ok(seen.length > 100, "too few datagrams: the test shows nothing");
  for (const { bytes } of seen) {
    for (const word of ["secret", "lovelace", "bob", "xxxx"]) assert.equal(bytes.includes(word), false, word);
    assert.ok(bytes.length <= MAX_DATAGRAM);
  }
  assert.equal(new Set(seen.map(({ key }) => key)).size, seen.length);
});

test("10-8: a datagram of which one bit was changed, wherever, is not taken", async () => {
  const party = new Party(9);
  const [ada, bob] = await party.join("ada", "bob");
  const caught: Buffer[] = [];
  party.network.route = ({ bytes }, from) => {
    if (from.port !== ada.port.address.port || bytes[3] !== 6) return [10];
    caught.push(Buffer.from(bytes));
    return []; // lost: what comes instead differs by one bit
  };
  const said = ada.client.say("hello");
  await party.clock.until(() => caught.length > 0);
  for (let bit = 0; bit < caught[0].length * 8; bit++) {
    const bytes = Uint8Array.from(caught[0]);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    party.port.take({ bytes, peer: ada.port.address });
  }
  await party.clock.pass(100);
  assert.equal(bob.count("said"), 0);
  party.network.route = () => [10];
  await party.clock.wait(said);
  await party.clock.until(() => bob.count("said") === 1);
  await party.close([ada, bob]);
});

/** Logs in over lines, as a person with nc does; the second answer is the password, typed twice by who is new. */
async function logIn(port: number, isNew: boolean) {
  const socket = await open(port);
  const text: string[] = [];
  let over = false;
  socket.on("data", (bytes: Uint8Array) => text.push(new TextDecoder().decode(bytes)));
  socket.on("end", () => over = true);
  const sees = async (expected: string) =>
    await within(() => text.join("").toLowerCase().includes(expected), `${expected} in ${text.join("")}`);
  await sees("name");
  socket.write("ada\n");
  await sees("password");
  for (let i = 0; i < (isNew ? 2 : 1); i++) socket.write("correct horse battery\n");
  return { socket, sees, text: () => text.join(""), isOver: () => over };
}

test("10-2: behind a login the admitted name is the name: who is logged in twice can take no other", async () => {
  await using folder = await temporaryFolder();
  const room = new Room();
  const heard: string[] = [];
  room.join("watcher", (event) => heard.push("name" in event ? `${event.type} ${event.name}` : event.type));
  await using server = await startServer({
    port: 0,
    access: "password",
    users: folder.file("users.json"),
    service: ({ name, lines }) => chat(room, { name, lines }),
  });
  const first = await logIn(server.address.port, true);
  await first.sees("welcome, ada. here");
  const second = await logIn(server.address.port, false);
  second.socket.write("watched\nanna\nI am anna\n");
  await within(second.isOver, "the second connection is ended");
  assert.match(second.text(), /Cannot join as "ada": somebody of that name is there already\n$/);
  second.socket.destroy();
  first.socket.destroy();
  await within(() => heard.includes("left ada"), "ada leaves");
  assert.deepEqual(heard.filter((event) => event.startsWith("joined")), ["joined ada"]);
});

for (const [what, name] of [["known", "ada"], ["known later", Promise.resolve("ada")]] as const) {
  test(`10-2: a name that is ${what} is not asked for when the room refuses it: the stream ends`, async () => {
    const room = new Room();
    room.join("Ada", () => {});
    const lines = ["anna", "hello"].map(Chunk.text);
    const texts = await Array.fromAsync(
      chat(room, { name, lines: () => false }).over(lines),
      ({ bytes }) => String(Buffer.from(bytes)),
    );
    assert.deepEqual(texts, ['Cannot join as "ada": somebody of that name is there already']);
    assert.deepEqual(room.names, ["Ada"]);
  });
}

test("10-2: what is typed before the name is known waits for it, and is no name", async () => {
  const room = new Room();
  const name = Promise.withResolvers<string | undefined>();
  const answers = Array.fromAsync(
    chat(room, { name: name.promise, lines: () => false }).over(["anna"].map(Chunk.text)),
  );
  name.resolve("ada");
  const texts = (await answers).map(({ bytes }) => String(Buffer.from(bytes)));
  assert.match(texts.join("\n"), /^Welcome, ada\. .*\n[\d:]{8} ada: anna\nGoodbye$/);
});

test("10-2: where the name is never known, the stream ends, and no line is a name", async () => {
  const room = new Room();
  const heard: string[] = [];
  room.join("watcher", (event) => heard.push(event.type));
  const name = Promise.reject(new Error("not admitted"));
  const answers = await Array.fromAsync(
    chat(room, { name, lines: () => false }).over(["anna", "hello"].map(Chunk.text)),
  );
  assert.deepEqual(answers.map(({ bytes }) => String(Buffer.from(bytes))), ["Goodbye"]);
  assert.deepEqual(heard, ["welcome"]);
});
