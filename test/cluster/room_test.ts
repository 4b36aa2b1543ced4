/** One room at several servers, over a real NATS. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { RoomEvent } from "../../src/chat/room/events.ts";
import type { Membership } from "../../src/chat/room/room.ts";
import { within } from "../support/deadline.ts";
import { NatsServer, skip } from "./nats_server.ts";
import { emptyRoom, namesOf, Server, textsOf } from "./room_server.ts";

describe("a room of several servers", { skip }, () => {
  let nats: NatsServer;
  before(async () => void (nats = await NatsServer.start()));
  after(() => nats[Symbol.asyncDispose]());
  beforeEach(() => emptyRoom(nats.url));

  test("three servers, 20 members each, 10 texts each: everybody hears every text once, all in one order", async () => {
    await using a = await Server.start(nats.url);
    await using b = await Server.start(nats.url);
    await using c = await Server.start(nats.url);
    const servers = [a, b, c];
    await Promise.all(
      servers.flatMap((server, i) => Array.from({ length: 20 }, (_, k) => server.join(`member ${i}x${k}`))),
    );
    const members = servers.flatMap(({ members }) => members);
    await Promise.all(members.map(async ({ membership, name }) => {
      for (let i = 0; i < 10; i++) await membership.say(`text ${i} of ${name}`);
    }));
    await within(() => members.every(({ heard }) => textsOf(heard).length >= 600), "all texts at all members");
    const order = textsOf(members[0].heard);
    assert.equal(new Set(order).size, 600);
    for (const { heard, name } of members) {
      assert.deepEqual(textsOf(heard), order, name);
      assert.equal(heard[0].type, "welcome");
    }
    for (const server of servers) assert.equal(server.room.names.length, 60);
  });

  test("a server killed in the middle: the others hear every text of the living once, all in one order", async () => {
    await using a = await Server.start(nats.url);
    await using b = await Server.start(nats.url);
    const c = await Server.start(nats.url);
    await Promise.all([a, b, c].flatMap((server, i) => [0, 1, 2].map((k) => server.join(`member ${i}x${k}`))));
    const talking = [a, b, c].flatMap(({ members }) => members).map(async ({ membership, name }) => {
      for (let i = 0; i < 30; i++) await membership.say(`text ${i} of ${name}`);
    });
    const [anna] = a.members;
    await within(() => textsOf(anna.heard).length > 60, "they talk");
    await c.kill();
    const failed = (await Promise.allSettled(talking)).map(({ status }) => status);
    assert.deepEqual(failed, [...Array(6).fill("fulfilled"), ...Array(3).fill("rejected")]);
    const living = [...a.members, ...b.members];
    await within(() => living.every(({ heard }) => namesOf(heard, "left").length === 3), "three are lost");
    const order = textsOf(anna.heard);
    for (const { heard, name } of living) {
      assert.deepEqual(textsOf(heard), order, name);
      const own = order.filter((text) => text.startsWith(`${name}:`));
      assert.deepEqual(own, Array.from({ length: 30 }, (_, i) => `${name}: text ${i} of ${name}`));
    }
    await c[Symbol.asyncDispose]().catch(() => {}); // its connection is closed already
  });

  test("a name that is asked for at two servers at once goes to one", async () => {
    await using a = await Server.start(nats.url);
    await using b = await Server.start(nats.url);
    for (let round = 0; round < 5; round++) {
      const joined = await Promise.all([a, b].map(({ room }) => room.join(`Anna ${round}`, () => {})));
      const refusals = joined.filter((one) => "refused" in one);
      assert.deepEqual(refusals.map((one) => "refused" in one && one.refused), ["name-taken"]);
    }
  });

  test("who joins is told who is there, and the last 100 texts", async () => {
    await using a = await Server.start(nats.url);
    const anna = await a.join("anna");
    for (let i = 0; i < 105; i++) await anna.membership.say(`${i}`);
    await using b = await Server.start(nats.url);
    const bert = await b.join("bert");
    assert.deepEqual(bert.heard[0], { type: "welcome", name: "bert", names: ["anna", "bert"] });
    assert.deepEqual(textsOf(bert.heard), Array.from({ length: 100 }, (_, i) => `anna: ${i + 5}`));
    await within(
      () => anna.heard.some((event) => event.type === "joined" && event.name === "bert"),
      "anna hears of bert",
    );
    bert.membership.leave();
    await within(() => anna.heard.some((event) => event.type === "left" && event.name === "bert"), "bert has left");
    assert.deepEqual(a.room.names, ["anna"]);
    await b.join("bert"); // the name is free again
  });

  test("members of a server that is killed leave as lost, once, and their names are free", async () => {
    await using a = await Server.start(nats.url);
    await using b = await Server.start(nats.url);
    const c = await Server.start(nats.url);
    const anna = await a.join("anna");
    const bert = await b.join("bert");
    await c.join("cleo");
    await within(() => a.room.names.length === 3, "all are there");
    await c.kill();
    const lost = ({ heard }: { heard: RoomEvent[] }) => heard.filter((event) => event.type === "left");
    await within(() => lost(anna).length > 0 && lost(bert).length > 0, "cleo is lost");
    let free: Membership | undefined;
    for (let tries = 0; free === undefined; tries++) {
      const joined = await a.room.join("cleo", () => {});
      if ("say" in joined) free = joined;
      assert.ok(tries < 100, "the name is never free");
      if (free === undefined) await new Promise((resume) => setTimeout(resume, 50));
    }
    for (const { heard } of [anna, bert]) {
      assert.deepEqual(lost({ heard }).map((event) => event.type === "left" && [event.name, event.reason]), [[
        "cleo",
        "lost",
      ]]);
    }
    await c[Symbol.asyncDispose]().catch(() => {}); // its connection is closed already
  });

  test("without NATS members are told so and nobody joins; all resumes by itself, and nothing said is doubled", async () => {
    await using a = await Server.start(nats.url);
    await using b = await Server.start(nats.url);
    const [anna, bert] = [await a.join("anna"), await b.join("bert")];
    await anna.membership.say("before");
    await within(() => textsOf(bert.heard).length === 1, "the first text");
    await nats.down();
    const notices = ({ heard }: typeof anna) => heard.filter((event) => event.type === "notice").length;
    await assert.rejects(Promise.resolve(anna.membership.say("into the void")), /Cannot tell the other servers/);
    await within(() => notices(anna) === 1 && notices(bert) === 1, "they are told");
    const refused = await a.room.join("cleo", () => {});
    assert.equal("refused" in refused && refused.refused, "unavailable");
    await nats.up();
    await within(() => notices(anna) === 2 && notices(bert) === 2, "they are told that all is well", 20_000);
    await anna.membership.say("after");
    const arrived = ({ heard }: typeof anna) => textsOf(heard).at(-1) === "anna: after";
    await within(() => arrived(anna) && arrived(bert), "the text behind it", 20_000);
    const all = textsOf(bert.heard);
    assert.equal(new Set(all).size, all.length, all.join());
    assert.deepEqual(textsOf(anna.heard), all);
  });
});
