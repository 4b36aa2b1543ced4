import assert from "node:assert/strict";
import { test } from "node:test";
import { EchopipeError } from "../../src/errors.ts";
import { Party } from "./support/party.ts";

test("members see who is there, who comes, what is said with name and time, and who leaves", async () => {
  const party = new Party();
  const [ada] = await party.join("ada");
  const [bob] = await party.join("bob");
  await party.clock.wait(bob.client.say("hello"));
  await party.clock.wait(bob.client.act("waves"));
  await party.clock.wait(ada.client.who());
  await party.clock.pass(1000);
  await party.clock.wait(bob.client.leave());
  await party.clock.pass(1000);
  assert.deepEqual(bob.heard[0], { type: "welcome", name: "bob", names: ["ada", "bob"] });
  assert.deepEqual(ada.heard.map(({ type }) => type), ["welcome", "joined", "said", "acted", "members", "left"]);
  const said = ada.heard[2];
  assert.ok(said.type === "said" && said.name === "bob" && said.text === "hello");
  assert.ok(Math.abs(said.time - party.clock.now()) < 60_000);
  assert.deepEqual(ada.heard[4], { type: "members", names: ["ada", "bob"] });
  const left = ada.heard[5];
  assert.ok(left.type === "left" && left.reason === "left");
  await party.close([ada]);
});

test("a name that is taken, whatever its case, is refused", async () => {
  const party = new Party();
  const [ada] = await party.join("Ada");
  const other = party.guest("ADA");
  await assert.rejects(
    party.clock.wait(other.client.join()),
    (error) => error instanceof EchopipeError && error.code === "refused" && /already/.test(error.message),
  );
  assert.deepEqual(party.room.names, ["Ada"]);
  await party.close([ada]);
});

test("a full room is refused, and free again when somebody has left", async () => {
  const party = new Party(1, { members: 1 });
  const [ada] = await party.join("ada");
  await assert.rejects(party.clock.wait(party.guest("bob").client.join()), /the room is full/);
  await party.clock.wait(ada.client.leave());
  await party.close(await party.join("eve"));
});

test("one address has at most 64 members, however large the room", async () => {
  const party = new Party();
  const guests = await party.join(...Array.from({ length: 64 }, (_, i) => `member ${i}`));
  await assert.rejects(party.clock.wait(party.guest("one more").client.join()), /the room is full/);
  assert.equal(party.room.names.length, 64);
  await party.close(guests);
});

test("a text beyond 1,000 bytes is refused, the limit named; one of 1,000 with the longest name arrives", async () => {
  const party = new Party();
  const longest = "𝔞".repeat(32);
  const [ada, other] = await party.join("ada", longest);
  await assert.rejects(
    other.client.say("é".repeat(501)),
    (error) => error instanceof EchopipeError && error.code === "too-large" && error.limit === 1000,
  );
  await party.clock.wait(other.client.say("x".repeat(1000)));
  await party.clock.until(() => ada.count("said") === 1);
  assert.equal(ada.heard.flatMap((event) => event.type === "said" ? [event.text.length] : [])[0], 1000);
  await party.close([ada, other]);
});

test("no datagram is larger than 1,200 bytes, whatever is said and however many are there", async () => {
  const party = new Party();
  let largest = 0;
  party.network.watch = ({ bytes }) => largest = Math.max(largest, bytes.length);
  const names = Array.from({ length: 15 }, (_, i) => "𝔞".repeat(31) + String.fromCodePoint(0x1d51e + i));
  const guests = await party.join(...names);
  await party.clock.wait(Promise.all(guests.map(({ client }, i) => client.say("x".repeat(1000 - i)))));
  await party.clock.wait(guests[0].client.who());
  await party.clock.until(() => guests.every((guest) => guest.count("said") === 15));
  await party.clock.until(() => guests[0].count("members") === 1);
  const members = guests[0].heard.flatMap((event) => event.type === "members" ? [event.names] : []);
  assert.deepEqual([...members[0]].sort(), [...names].sort());
  assert.ok(largest > 1000 && largest <= 1200, `${largest}`);
  await party.close(guests);
});

test("a silent member stays, by its heartbeats; one that is cut off is gone, and the others hear of it", async () => {
  const party = new Party();
  const [ada, bob] = await party.join("ada", "bob");
  await party.clock.pass(600_000);
  assert.deepEqual(party.room.names.toSorted(), ["ada", "bob"]);
  bob.port.kill();
  await party.clock.pass(80_000);
  assert.deepEqual(party.room.names, ["ada"]);
  const left = ada.heard.at(-1);
  assert.ok(left?.type === "left" && left.reason === "lost");
  assert.equal(ada.count("gone"), 0);
  await party.clock.pass(10_000);
  assert.equal(party.server.sessions, 1);
  await party.close([ada]);
});

test("a member whose address changes carries on by its session", async () => {
  const party = new Party(3);
  const [ada, bob] = await party.join("ada", "bob");
  await party.clock.wait(bob.client.say("one"));
  bob.port.move({ address: "127.0.0.1", port: 61_000 });
  await party.clock.wait(bob.client.say("two"));
  await party.clock.wait(ada.client.say("three"));
  await party.clock.until(() => bob.textsOf("ada").length === 1 && ada.textsOf("bob").length === 2);
  assert.deepEqual(ada.textsOf("bob"), ["one", "two"]);
  assert.equal(ada.count("left") + bob.count("gone"), 0);
  assert.equal(party.server.sessions, 2);
  await party.close([ada, bob]);
});

test("a datagram caught and sent from elsewhere neither moves a session nor is taken twice", async () => {
  const party = new Party();
  const [ada, bob] = await party.join("ada", "bob");
  const caught: Uint8Array[] = [];
  party.network.watch = ({ from, bytes }) => from === "127.0.0.1:50001" && caught.push(bytes);
  await party.clock.wait(bob.client.say("once"));
  const thief = party.network.port(62_000);
  let stolen = 0;
  party.network.watch = ({ to }) => stolen += to === "127.0.0.1:62000" ? 1 : 0;
  for (const bytes of caught) party.network.send({ bytes, peer: party.port.address }, thief.address);
  await party.clock.pass(1000);
  await party.clock.wait(ada.client.say("to bob"));
  await party.clock.until(() => bob.textsOf("ada").length === 1);
  assert.ok(caught.length > 0);
  assert.equal(stolen, 0);
  assert.deepEqual(ada.textsOf("bob"), ["once"]);
  await party.close([ada, bob]);
});

test("a forged datagram, one bit off, is not taken", async () => {
  const party = new Party();
  const [ada, bob] = await party.join("ada", "bob");
  party.network.route = ({ bytes }) => {
    if (bytes[3] === 6 && party.network.random() < 0.5) bytes[20 + Math.floor(party.network.random() * 20)] ^= 1;
    return [10];
  };
  const texts = Array.from({ length: 30 }, (_, i) => `text ${i}`);
  await party.clock.wait(Promise.all(texts.map((text) => bob.client.say(text))));
  await party.clock.until(() => ada.count("said") >= 30);
  assert.deepEqual(ada.textsOf("bob"), texts);
  await party.close([ada, bob]);
});

test("the server is killed and started again in the middle: all join again, and what was said after arrives", async () => {
  const party = new Party(11);
  party.network.route = party.network.lossy;
  const guests = await party.join("ada", "bob", "eve");
  await party.clock.wait(Promise.all(guests.map(({ client }) => client.say("before"))));
  await party.clock.until(() => guests.every((guest) => guest.count("said") === 3));
  party.port.kill();
  const meanwhile = guests.map(({ client }, i) => client.say(`meanwhile ${i}`));
  await party.clock.until(() => guests.every((guest) => guest.count("gone") > 0), 120_000);
  party.open();
  await party.clock.wait(Promise.all(meanwhile));
  await party.clock.until(() => guests.every((guest) => guest.count("welcome") === 2));
  assert.deepEqual(party.room.names.toSorted(), ["ada", "bob", "eve"]);
  await party.clock.wait(Promise.all(guests.map(({ client }) => client.say("after"))));
  const names = ["ada", "bob", "eve"];
  await party.clock.until(() => guests.every((guest) => names.every((name) => guest.textsOf(name).includes("after"))));
  await party.clock.pass(5000); // what would come twice would come now
  for (const guest of guests) {
    for (const [i, name] of names.entries()) {
      // Nobody misses what came while all were there; nobody hears anything twice.
      const texts = guest.textsOf(name);
      assert.equal(new Set(texts).size, texts.length);
      assert.deepEqual(texts.filter((text) => text !== `meanwhile ${i}`), ["before", "after"]);
    }
  }
  await party.close(guests);
});

test("the network is down for half a minute: the same session goes on, and nothing is lost or doubled", async () => {
  const party = new Party(4);
  const [ada, bob] = await party.join("ada", "bob");
  await party.clock.wait(bob.client.say("before"));
  party.network.route = () => [];
  const meanwhile = bob.client.say("meanwhile");
  await party.clock.pass(30_000);
  assert.deepEqual(bob.heard.at(-1), { type: "gone", reason: "silent" });
  party.network.route = party.network.lossy;
  await party.clock.wait(meanwhile, 30_000);
  await party.clock.wait(bob.client.say("after"));
  await party.clock.until(() => ada.textsOf("bob").length === 3);
  assert.deepEqual(ada.textsOf("bob"), ["before", "meanwhile", "after"]);
  assert.deepEqual([bob.count("gone"), bob.count("back"), bob.count("welcome")], [1, 1, 1]);
  assert.equal(ada.count("left"), 0);
  party.network.route = () => [10]; // where a fifth is lost, three pings in a row are now and then
  await party.clock.pass(300_000);
  assert.equal(bob.count("gone") + ada.count("left"), 1);
  await party.close([ada, bob]);
});

test("a network that is down for minutes: the member is missed, and joins anew when it is back", async () => {
  const party = new Party(4);
  const [ada, bob] = await party.join("ada", "bob");
  const route = party.network.route;
  party.network.route = (datagram, from) => [from.port, datagram.peer.port].includes(bob.port.address.port) ? [] : [10];
  await party.clock.pass(200_000);
  assert.deepEqual(party.room.names, ["ada"]);
  assert.equal(bob.count("gone"), 1);
  party.network.route = route;
  await party.clock.until(() => bob.count("welcome") === 2, 30_000);
  assert.deepEqual(ada.heard.map(({ type }) => type), ["welcome", "joined", "left", "joined"]);
  await party.close([ada, bob]);
});

test("what was said during an outage reaches who joins anew, in order and once, after a notice", async () => {
  const party = new Party(5);
  const [ada, bob] = await party.join("ada", "bob");
  await party.clock.wait(ada.client.say("before"), 5000);
  await party.clock.until(() => bob.textsOf("ada").length === 1, 1000);
  const route = party.network.route;
  party.network.route = (datagram, from) => [from.port, datagram.peer.port].includes(bob.port.address.port) ? [] : [10];
  await party.clock.pass(200_000);
  for (const text of ["one", "two"]) await party.clock.wait(ada.client.say(text), 5000);
  party.network.route = route;
  await party.clock.until(() => bob.count("welcome") === 2, 30_000);
  await party.clock.wait(ada.client.say("after"), 5000);
  await party.clock.until(() => bob.textsOf("ada").includes("after"), 1000);
  assert.deepEqual(bob.textsOf("ada"), ["before", "one", "two", "after"]);
  assert.equal(bob.count("notice"), 1);
  assert.equal(ada.count("notice"), 0);
  await party.close([ada, bob]);
});

test("a server that stops says so; the members join again when it is back", async () => {
  const party = new Party();
  const guests = await party.join("ada", "bob");
  await party.clock.wait(party.server.stop());
  await party.clock.until(() => guests.every((guest) => guest.count("gone") === 1), 1000);
  assert.deepEqual(guests[0].heard.at(-1), { type: "gone", reason: "stopped" });
  await party.clock.pass(30_000);
  party.open();
  await party.clock.until(() => guests.every((guest) => guest.count("welcome") === 2));
  await party.clock.wait(guests[0].client.say("back"), 5000);
  await party.clock.until(() => guests[1].textsOf("ada").length === 1, 1000);
  await party.close(guests);
});

test("where no server answers, joining fails in time and says what to look at", async () => {
  const party = new Party();
  await party.clock.wait(party.server.stop());
  const ada = party.guest("ada");
  await assert.rejects(
    party.clock.wait(ada.client.join()),
    (error) => error instanceof EchopipeError && error.code === "timed-out" && /127.0.0.1:9091/.test(error.message),
  );
  await assert.rejects(ada.client.say("hello"), { code: "closed" });
});

test("leaving waits for what was said before, on a bad network too", async () => {
  const party = new Party(5);
  const [ada] = await party.join("ada");
  party.network.route = party.network.lossy;
  const [bob] = await party.join("bob");
  const said = Array.from({ length: 10 }, (_, i) => bob.client.say(`${i}`));
  await party.clock.wait(Promise.all(said));
  await party.clock.wait(bob.client.leave());
  await party.clock.until(() => ada.count("left") === 1, 10_000);
  assert.equal(ada.textsOf("bob").length, 10);
  await party.close([ada]);
});

test("a member that takes nothing in is left behind; the others notice nothing but that", async () => {
  const party = new Party(1, { queue: 100 });
  const [ada, bob, eve] = await party.join("ada", "bob", "eve");
  // Bob acknowledges nothing any more, but still shows that it lives.
  party.network.route = ({ bytes }, from) => from.port === bob.port.address.port && bytes[3] !== 8 ? [] : [10];
  const texts = Array.from({ length: 300 }, (_, i) => `${i} ${"x".repeat(600)}`);
  await party.clock.wait(Promise.all(texts.map((text) => ada.client.say(text))));
  await party.clock.until(() => eve.count("said") === 300);
  assert.deepEqual(eve.textsOf("ada"), texts);
  const left = ada.heard.find((event) => event.type === "left");
  assert.ok(left?.type === "left" && left.name === "bob" && left.reason === "behind");
  await party.clock.wait(party.server.stop());
});
