import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { Party } from "./support/party.ts";

const heavy = process.env.ECHOPIPE_HEAVY === "1";
const members = heavy ? 20 : 6;
const messages = heavy ? 200 : 25;

test(`${members} members, ${messages} messages each, 20 % lost, 10 % doubled, reordered: all show all, once, in order`, async () => {
  const party = new Party(7);
  party.network.route = party.network.lossy;
  const names = Array.from({ length: members }, (_, i) => `member ${i}`);
  const guests = await party.join(...names);
  const texts = (name: string) => Array.from({ length: messages }, (_, i) => `${name} says ${i}`);
  const said = guests.flatMap(({ client }, i) => texts(names[i]).map((text) => client.say(text)));
  await party.clock.wait(Promise.all(said));
  await party.clock.until(() => guests.every((guest) => guest.count("said") >= members * messages));
  await party.clock.pass(5000); // what would come twice would come now
  for (const guest of guests) {
    for (const name of names) assert.deepEqual(guest.textsOf(name), texts(name));
    assert.equal(guest.count("gone"), 0);
  }
  const orders = guests.map(({ heard }) => heard.flatMap((event) => event.type === "said" ? [event.text] : []));
  for (const order of orders) assert.deepEqual(order, orders[0]); // all saw the same conversation
  await party.close(guests);
  assert.equal(party.room.names.length, 0);
});
