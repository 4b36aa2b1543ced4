import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { MAX_DATAGRAM } from "../../src/chat/udp/datagrams.ts";
import { Party } from "../chat/support/party.ts";

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
