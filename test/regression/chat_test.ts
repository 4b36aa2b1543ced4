import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { chat } from "../../src/chat/room/chat.ts";
import { Room } from "../../src/chat/room/room.ts";
import { Channel } from "../../src/chat/udp/channel.ts";
import { decodePacket, encodeHello } from "../../src/chat/udp/datagrams.ts";
import { Sender } from "../../src/chat/udp/delivery.ts";
import { Handshake, type Outcome } from "../../src/chat/udp/handshake.ts";
import { encodeRequest } from "../../src/chat/udp/records.ts";
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
    assert.ok(bytes.length <= 1200);
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

test("10-25: a hundred forged hellos a second with a member's address do not keep it from joining", async () => {
  const party = new Party();
  const forge = () => {
    const bytes = encodeHello(party.network.environment.random(8));
    party.port.take({ bytes, peer: { address: "127.0.0.1", port: 40_000 } });
    stop = party.clock.timer(10, forge);
  };
  let stop = party.clock.timer(0, forge);
  await party.clock.pass(20_000);
  const ada = party.guest("ada");
  await party.clock.wait(ada.client.join(), 300);
  stop();
  await party.close([ada]);
});

test("10-12: a datagram of more than 40 records is taken, and what it has beyond 40 is owed", async () => {
  const party = new Party();
  const [bob] = await party.join("bob");
  const port = party.network.port(50_100);
  const writer = port.writable.getWriter();
  const transmit = (bytes: Uint8Array) => void writer.write({ bytes, peer: party.port.address });
  const handshake = new Handshake("ada", party.network.environment, transmit);
  const joined = Promise.withResolvers<Extract<Outcome, { type: "accepted" }>>();
  const open: { channel?: Channel } = {};
  const listening = (async () => {
    for await (const { bytes } of port.readable) {
      const packet = decodePacket(bytes)!;
      const outcome = handshake.receive(packet);
      if (outcome?.type === "accepted") joined.resolve(outcome);
      else if ("number" in packet) open.channel?.open(packet);
    }
  })();
  handshake.begin(0);
  const { session, keys } = await party.clock.wait(joined.promise);
  const channel = open.channel = new Channel({
    session,
    sendKey: keys.toServer,
    receiveKey: keys.toClient,
    clock: party.clock,
    queue: 200,
    records: 100,
    transmit,
  });
  const texts = Array.from({ length: 150 }, (_, i) => `text ${i}`);
  let arrived = 0;
  const began = party.clock.now();
  for (const text of texts) channel.send(encodeRequest({ type: "say", text }), () => arrived++);
  channel.flush();
  await party.clock.until(() => arrived === texts.length, 60_000);
  assert.deepEqual(bob.textsOf("ada"), texts);
  assert.ok(party.clock.now() - began >= (150 - 40 - 60) * 50, "the rate of 20 a second is kept");
  channel.close();
  await port.close();
  await listening;
  await party.close([bob]);
});

for (const [what, minutes] of [["half a minute", 0.5], ["two minutes", 2], ["an hour", 60]] as const) {
  test(`10-12: the network is down for ${what} in the middle of talk: all arrives in order, once`, async () => {
    const party = new Party(12);
    const [ada, bob] = await party.join("ada", "bob");
    const texts = Array.from({ length: 60 }, (_, i) => `text ${i}`);
    const said = texts.map((text) => bob.client.say(text));
    // What bob says arrives, here and there; no acknowledgement reaches him, and then nothing passes at all.
    let count = 0;
    party.network.route = ({ peer }, from) => {
      if (peer.port === bob.port.address.port) return [];
      return from.port === bob.port.address.port && count++ % 3 === 1 ? [] : [10];
    };
    await party.clock.pass(300);
    party.network.route = ({ peer }, from) => [peer.port, from.port].includes(bob.port.address.port) ? [] : [10];
    assert.ok(ada.count("said") > 0, "the server has taken nothing: the test shows nothing");
    await party.clock.pass(minutes * 60_000);
    party.network.route = party.network.lossy;
    await party.clock.wait(Promise.all(said));
    await party.clock.until(() => ada.textsOf("bob").includes("text 59"));
    await party.clock.pass(5000); // what would come twice would come now
    assert.deepEqual(ada.textsOf("bob"), texts);
    await party.close([ada, bob]);
  });
}

test("10-12: what the server holds for later is not reported as arrived: it would be lost with the session", () => {
  const sent: number[] = [];
  const arrived: number[] = [];
  const sender = new Sender({
    payload: 1,
    records: 1,
    queue: 10,
    now: () => 0,
    transmit: (sequence) => sent.push(sequence),
  });
  for (let i = 1; i <= 3; i++) sender.add(Uint8Array.of(i), () => arrived.push(i));
  sender.flush();
  sender.acknowledged({ complete: 0, early: Uint8Array.of(0b110, 0, 0, 0, 0, 0, 0, 0) });
  assert.deepEqual(arrived, []);
  sender.acknowledged({ complete: 3, early: new Uint8Array(8) });
  assert.deepEqual(arrived, [1, 2, 3]);
  assert.ok(sender.idle);
});
