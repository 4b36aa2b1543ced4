import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { encodeHello, encodeJoin } from "../../src/chat/udp/datagrams.ts";
import { Cookies } from "../../src/chat/udp/handshake.ts";
import { AddressLimits } from "../../src/rate.ts";
import { Party } from "./support/party.ts";

const heavy = process.env.ECHOPIPE_HEAVY === "1";

/** Counts what the server gets from and sends to strangers. */
function strangers(party: Party, members: number) {
  const traffic = { to: 0, from: 0, replies: 0 };
  const isMember = (address: string) => address.startsWith("127.0.0.1:5000") && Number(address.slice(14)) < members;
  party.network.watch = ({ from, to, bytes }) => {
    if (from === "127.0.0.1:9091" && !isMember(to)) {
      traffic.from += bytes.length;
      traffic.replies++;
    } else if (to === "127.0.0.1:9091" && !isMember(from)) traffic.to += bytes.length;
  };
  return traffic;
}

test(`${heavy ? 10_000 : 1000} spoofed joins: no session, no more bytes out than in, members unharmed`, async () => {
  const party = new Party();
  const { random } = party.network.environment;
  const [ada, bob] = await party.join("ada", "bob");
  const traffic = strangers(party, 2);
  const joins = heavy ? 10_000 : 1000;
  const before = heavy ? memory() : 0;
  for (let i = 0; i < joins; i++) {
    const peer = { address: `198.51.${i >> 8 & 255}.${i & 255}`, port: 1024 + i };
    party.network.send({ bytes: encodeHello(random(8)), peer: party.port.address }, peer);
    const join = encodeJoin(random(8), random(20), random(32), `spoofed ${i}`);
    party.network.send({ bytes: join, peer: party.port.address }, peer);
    if (i % 100 === 0) {
      void ada.client.say(`text ${i}`);
      await party.clock.pass(10);
    }
  }
  await party.clock.until(() => bob.count("said") === joins / 100);
  assert.equal(party.server.sessions, 2);
  assert.deepEqual(party.room.names, ["ada", "bob"]);
  assert.ok(traffic.replies > 0, "no hello was answered: the test shows nothing");
  assert.ok(traffic.from <= traffic.to, `${traffic.from} bytes out, ${traffic.to} bytes in`);
  assert.equal(ada.count("gone") + bob.count("gone"), 0);
  if (heavy && "gc" in globalThis) assert.ok(memory() - before < 16 * 1024 * 1024, "memory grew");
  await party.close([ada, bob]);
});

test("a cookie is good for its address, port and nonce alone, and for half a minute", async () => {
  const party = new Party();
  const { environment } = party.network;
  const cookies = new Cookies(environment);
  const peer = { address: "192.0.2.1", port: 5000 };
  const nonce = environment.random(8);
  const cookie = cookies.make(peer, nonce);
  assert.ok(cookies.check(cookie, peer, nonce));
  assert.ok(!cookies.check(cookie, { ...peer, port: 5001 }, nonce));
  assert.ok(!cookies.check(cookie, { ...peer, address: "192.0.2.2" }, nonce));
  assert.ok(!cookies.check(cookie, peer, environment.random(8)));
  assert.ok(!new Cookies(environment).check(cookie, peer, nonce));
  await party.clock.pass(30_000);
  assert.ok(cookies.check(cookie, peer, nonce));
  await party.clock.pass(1000);
  assert.ok(!cookies.check(cookie, peer, nonce));
  await party.close([]);
});

test(`${heavy ? 100_000 : 5000} random, cut and changed datagrams: no crash, no answer, members unharmed`, async () => {
  const party = new Party(9);
  const { random } = party.network;
  const caught: Uint8Array[] = [];
  party.network.watch = ({ bytes }) => caught.push(bytes);
  const [ada, bob] = await party.join("ada", "bob");
  await party.clock.wait(ada.client.say("hello"));
  await party.clock.wait(ada.client.who());
  const traffic = strangers(party, 2);
  for (let i = 0; i < (heavy ? 100_000 : 5000); i++) {
    let bytes = caught[Math.floor(random() * caught.length)].slice();
    const kind = Math.floor(random() * 4);
    if (kind === 0) bytes = Uint8Array.from({ length: Math.floor(random() * 1400) }, () => random() * 256);
    else if (kind === 1) bytes = bytes.slice(0, Math.floor(random() * bytes.length));
    else if (kind === 2) bytes = Uint8Array.from([...bytes, Math.floor(random() * 256)]);
    else if (bytes[3] === 1) continue; // whatever its nonce, a hello is one
    else bytes[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
    if (isHello(bytes)) continue;
    const peer = { address: `203.0.113.${i & 255}`, port: 20_000 };
    party.port.take({ bytes, peer });
    bob.port.take({ bytes, peer: party.port.address });
    if (i % 200 === 0) await party.clock.pass(1);
  }
  await party.clock.pass(1000);
  assert.equal(traffic.replies, 0);
  await party.clock.wait(bob.client.say("still here"));
  await party.clock.until(() => ada.textsOf("bob").length === 1);
  assert.equal(party.server.sessions, 2);
  await party.close([ada, bob]);
});

test("source ports below 1024, and the server's own, get no answer", async () => {
  const party = new Party();
  const traffic = strangers(party, 0);
  for (const port of [1, 53, 1023, 9091]) {
    for (const address of ["192.0.2.1", "127.0.0.1"]) {
      party.port.take({ bytes: encodeHello(party.network.environment.random(8)), peer: { address, port } });
    }
  }
  await party.clock.pass(1000);
  assert.equal(traffic.replies, 0);
  party.port.take({
    bytes: encodeHello(party.network.environment.random(8)),
    peer: { address: "192.0.2.1", port: 1024 },
  });
  await party.clock.pass(1000);
  assert.equal(traffic.replies, 1);
  await party.close([]);
});

test("one address gets only so many answers to joins; another is not affected", async () => {
  const party = new Party();
  const { random } = party.network.environment;
  const cookies: Uint8Array[] = [];
  let answers = 0;
  party.network.watch = ({ to, bytes }) => {
    if (!to.startsWith("192.0.2.")) return;
    if (bytes[3] === 2) cookies.push(bytes);
    else if (bytes[3] === 4 || bytes[3] === 5) answers++;
  };
  const join = async (address: string, count: number) => {
    const send = (bytes: Uint8Array) => party.port.take({ bytes, peer: { address, port: 20_000 } });
    for (let i = 0; i < count; i++) send(encodeHello(random(8)));
    await party.clock.pass(10);
    assert.equal(cookies.length, count);
    for (const [i, cookie] of cookies.splice(0).entries()) {
      send(encodeJoin(cookie.subarray(4, 12), cookie.subarray(12), random(32), `${address} ${i}`));
    }
    await party.clock.pass(10);
  };
  await join("192.0.2.1", 500);
  assert.ok(answers >= 100 && answers <= 101, `${answers}`);
  await join("192.0.2.2", 1);
  assert.ok(answers >= 101 && answers <= 102, `${answers}`);
  await party.clock.wait(party.server.stop());
});

test("the rates of 20,000 addresses take the memory of 4,096", () => {
  const limits = new AddressLimits({ perSecond: 1, atOnce: 1 }, 4096);
  for (let i = 0; i < 20_000; i++) limits.admit(`2001:db8:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1`, 0);
  assert.equal(limits.size, 4096);
  assert.ok(limits.admit("2001:db8::1", 0));
  assert.ok(!limits.admit("2001:db8:0:0:ffff::2", 0), "the same network by another address");
  assert.ok(limits.admit("192.0.2.1", 0));
  assert.ok(!limits.admit("::ffff:192.0.2.1", 0), "the same address in another spelling");
});

test("a server and a client that get each other's errors do not answer them", async () => {
  const party = new Party();
  const [ada] = await party.join("ada");
  const sent: string[] = [];
  party.network.watch = ({ from, to }) => sent.push(`${from} ${to}`);
  const refuse = Uint8Array.of(0x65, 0x43, 2, 5, ...party.network.environment.random(8), 1);
  for (let i = 0; i < 10; i++) {
    party.port.take({ bytes: refuse, peer: ada.port.address });
    ada.port.take({ bytes: refuse, peer: party.port.address });
  }
  await party.clock.pass(1000);
  assert.deepEqual(sent, []);
  await party.close([ada]);
});

function isHello(bytes: Uint8Array): boolean {
  return bytes.length === 32 && bytes[0] === 0x65 && bytes[1] === 0x43 && bytes[2] === 2 && bytes[3] === 1;
}

function memory(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}
