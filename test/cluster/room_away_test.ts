/** A room of several servers, one of which the others cannot reach for a while. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { formatEvent } from "../../src/cluster/room_events.ts";
import { within } from "../support/deadline.ts";
import { Link } from "./link.ts";
import { NatsServer, skip } from "./nats_server.ts";
import { emptyRoom, namesOf, Server, textsOf } from "./room_server.ts";

const noticesOf = (heard: readonly { type: string; text?: string }[]) =>
  heard.flatMap(({ type, text }) => type === "notice" ? [text!] : []);

describe("a room of a cluster, where servers are away", { skip }, () => {
  let nats: NatsServer;
  before(async () => void (nats = await NatsServer.start()));
  after(() => nats[Symbol.asyncDispose]());
  beforeEach(() => emptyRoom(nats.url));

  for (const how of ["cut", "stall"] as const) {
    test(`a server behind a ${how} network is given up, twice, and its members are back each time`, async () => {
      await using link = await Link.to(nats.port);
      await using near = await Server.start(nats.url);
      await using far = await Server.start(link.url);
      const [anna, bert] = [await near.join("anna"), await far.join("bert")];
      for (let round = 1; round <= 2; round++) {
        link[how]();
        await within(() => namesOf(anna.heard, "left").length === round, "bert is given up");
        assert.deepEqual(near.room.names, ["anna"]);
        link.mend();
        await within(() => namesOf(anna.heard, "joined").length === round + 1, "bert is back", 15_000);
        await within(
          () => near.room.names.join() === "anna,bert" && far.room.names.join() === "anna,bert",
          "in both lists",
        );
      }
      await bert.membership.say("here again");
      await within(() => textsOf(anna.heard).length === 1 && textsOf(bert.heard).length === 1, "the text");
    });
  }

  test("whose name has gone to another meanwhile is told so, and is out", async () => {
    await using link = await Link.to(nats.port);
    await using near = await Server.start(nats.url);
    await using far = await Server.start(link.url);
    const [anna, bert] = [await near.join("anna"), await far.join("bert")];
    link.cut();
    await within(() => namesOf(anna.heard, "left").length === 1, "bert is given up");
    await within(() => noticesOf(bert.heard).length > 0, "bert is told");
    await assert.rejects(Promise.resolve(bert.membership.say("lost words")), { code: "io" });
    const other = await near.join("bert");
    link.mend();
    await within(() => bert.heard.at(-1)?.type === "bye", "bert is out", 15_000);
    assert.match(noticesOf(bert.heard).at(-1)!, /Somebody else is bert/);
    assert.deepEqual(near.room.names, ["anna", "bert"]);
    assert.deepEqual(far.room.names, ["anna", "bert"]);
    await other.membership.say("hello");
    await within(() => textsOf(anna.heard).length === 1, "the other bert is heard");
    assert.deepEqual(textsOf(anna.heard), ["bert: hello"]);
  });

  test("a joining that nobody has the name of is cleared up; one that comes too late changes nothing", async () => {
    await using server = await Server.start(nats.url);
    const anna = await server.join("anna");
    const publish = (id: string, name: string, revision: number) =>
      server.nats.stream.publish(
        "echopipe.room",
        formatEvent({ id, revision, event: { type: "joined", name, time: 1 } }),
      );
    await publish("ghost", "cleo", 1_000);
    await within(() => server.room.names.includes("cleo"), "a ghost");
    await within(() => server.room.names.join() === "anna", "it is gone");
    await publish("late", "anna", 0);
    await anna.membership.say("still here");
    await within(() => textsOf(anna.heard).length === 1, "a text behind it");
    assert.deepEqual(namesOf(anna.heard, "left"), ["cleo"]);
    assert.deepEqual(server.room.names, ["anna"]);
  });

  test("NATS without anything that it knew: everybody is back by itself", async () => {
    await using one = await Server.start(nats.url);
    await using other = await Server.start(nats.url);
    const [anna, bert] = [await one.join("anna"), await other.join("bert")];
    for (let i = 0; i < 10; i++) await anna.membership.say(`before ${i}`);
    await nats.down();
    await nats.wipe();
    await nats.up();
    const said = async () => await Promise.resolve(bert.membership.say("after")).then(() => true, () => false);
    while (!await said()) await new Promise((resume) => setTimeout(resume, 50));
    await within(() => textsOf(anna.heard).at(-1) === "bert: after", "what is said behind it");
    await within(() => {
      const joined = namesOf(anna.heard, "joined");
      return joined.includes("anna") && joined.filter((name) => name === "bert").length === 2;
    }, "both join again");
    const complete = (names: readonly string[]) => [...names].sort().join() === "anna,bert";
    await within(() => complete(one.room.names) && complete(other.room.names), "both are there");
    const joined = await one.room.join("bert", () => {});
    assert.equal("refused" in joined && joined.refused, "name-taken");
  });

  test("a server that stops leaves no name behind, not even of those who leave just then", async () => {
    await using server = await Server.start(nats.url);
    {
      await using stopping = await Server.start(nats.url);
      const [bert] = [await stopping.join("bert"), await stopping.join("cleo")];
      bert.membership.leave();
    }
    for (const name of ["bert", "cleo"]) await server.join(name);
  });
});
