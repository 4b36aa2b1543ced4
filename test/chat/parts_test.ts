import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EchopipeError } from "../../src/errors.ts";
import { readTyped } from "../../src/chat/room/input.ts";
import { Outbox } from "../../src/chat/room/member.ts";
import { Bucket } from "../../src/rate.ts";
import { Receiver, WINDOW } from "../../src/chat/udp/delivery.ts";
import { decodeEvents, decodeRequests, encodeEvent, encodeRequest } from "../../src/chat/udp/records.ts";
import { renderEvent } from "../../src/chat/room/render.ts";
import { ReplayWindow } from "../../src/chat/udp/channel.ts";
import { Room } from "../../src/chat/room/room.ts";
import type { RoomEvent } from "../../src/chat/room/events.ts";
import { RoundTripTime } from "../../src/chat/udp/delivery.ts";
import { Sender } from "../../src/chat/udp/delivery.ts";
import { checkText } from "../../src/chat/room/input.ts";
import { concat } from "../../src/chat/udp/fields.ts";
import { type Body, decodeBody, encodeBody } from "../../src/chat/udp/bodies.ts";
import { open, seal } from "../../src/chat/udp/keys.ts";
import {
  decodePacket,
  encodeAccept,
  encodeChallenge,
  encodeHead,
  encodeHello,
  encodeJoin,
  encodeRefuse,
} from "../../src/chat/udp/datagrams.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.string({ unit: "binary", minLength: 1, maxLength: 200 }).map((value) => value.toWellFormed());
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((value) => new TextEncoder().encode(value).length <= 128);
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });
const u32 = fc.nat(2 ** 32 - 1);

test("every datagram is read as it was written, and in no other length", () => {
  const ack = record({ complete: u32, early: bytes(8) });
  const body: fc.Arbitrary<Body> = fc.oneof(
    record({ type: fc.constant("data" as const), ack, sequence: u32, records: fc.uint8Array({ maxLength: 1152 }) }),
    record({ type: fc.constantFrom("ack" as const, "ping" as const), ack }),
    record({ type: fc.constantFrom("path" as const, "path-answer" as const), token: bytes(8) }),
    record({
      type: fc.constant("bye" as const),
      reason: fc.constantFrom("left" as const, "lost" as const, "behind" as const, "stopped" as const),
    }),
  );
  fc.assert(fc.property(body, bytes(8), u32, bytes(32), (body, session, number, key) => {
    const head = encodeHead(body.type, session, number);
    const datagram = seal(key, number, head, encodeBody(body));
    const packet = decodePacket(datagram);
    assert.ok(packet !== undefined && "number" in packet);
    const { sealed, ...fields } = packet;
    assert.deepEqual(fields, { type: body.type, session, number, head });
    const plain = open(key, number, head, sealed);
    assert.ok(plain !== undefined);
    assert.deepEqual(decodeBody(body.type, plain), body);
    if (body.type !== "data") {
      assert.equal(decodeBody(body.type, plain.subarray(0, -1)), undefined);
      assert.equal(decodeBody(body.type, concat(plain, Uint8Array.of(0))), undefined);
    }
    assert.equal(decodePacket(datagram.subarray(0, 16 + 15)), undefined, "no room for a tag");
  }));
  fc.assert(
    fc.property(bytes(8), bytes(20), bytes(32), bytes(8), bytes(16), name, (nonce, cookie, key, session, tag, name) => {
      const greetings = [
        [encodeHello(nonce), { type: "hello", nonce }],
        [encodeChallenge(nonce, cookie), { type: "challenge", nonce, cookie }],
        [encodeJoin(nonce, cookie, key, name), { type: "join", nonce, cookie, key, name }],
        [concat(encodeAccept(nonce, session, key), tag), {
          type: "accept",
          nonce,
          session,
          key,
          head: encodeAccept(nonce, session, key),
          sealed: tag,
        }],
        [encodeRefuse(nonce, "room-full"), { type: "refuse", nonce, reason: "room-full" }],
      ] as const;
      for (const [datagram, fields] of greetings) {
        assert.deepEqual(decodePacket(datagram), fields);
        assert.equal(decodePacket(datagram.subarray(0, -1)), undefined);
        const longer = decodePacket(concat(datagram, Uint8Array.of(0)));
        if (fields.type === "accept") assert.equal(longer?.type === "accept" && longer.sealed.length, 17, "not a tag");
        else assert.equal(longer, undefined);
      }
      assert.ok(greetings[1][0].length <= greetings[0][0].length, "a challenge is no longer than its hello");
    }),
  );
});

test("every record is read as it was written; cut ones are not read at all", () => {
  const time = fc.nat(2 ** 48 - 1);
  const event: fc.Arbitrary<RoomEvent> = fc.oneof(
    record({ type: fc.constantFrom("said" as const, "acted" as const), time, name, text }),
    record({ type: fc.constant("joined" as const), time, name }),
    record({
      type: fc.constant("left" as const),
      time,
      name,
      reason: fc.constantFrom("lost" as const, "left" as const),
    }),
    record({ type: fc.constant("notice" as const), text }),
  );
  fc.assert(fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), (events) => {
    const payload = concat(...events.flatMap(encodeEvent));
    assert.deepEqual(decodeEvents(payload), events);
    assert.equal(decodeEvents(payload.subarray(0, -1)), undefined);
    assert.equal(decodeRequests(payload), undefined, "a client does not tell");
  }));
  fc.assert(fc.property(fc.array(name, { maxLength: 40 }), (names) => {
    const lists = decodeEvents(concat(...encodeEvent({ type: "members", names })))!;
    assert.deepEqual(lists.flatMap((list) => list.type === "members" ? list.names : []), names);
    assert.deepEqual(
      lists.map((list) => list.type === "members" && list.more),
      lists.map((_, i) => i < lists.length - 1),
    );
  }));
  const asks = [{ type: "say", text: "hé" }, { type: "act", text: "x" }, { type: "who" }, { type: "leave" }, {
    type: "resume",
    client: new Uint8Array(16).fill(7),
    next: 258,
  }] as const;
  const payload = concat(...asks.map(encodeRequest));
  assert.deepEqual(decodeRequests(payload), asks);
  assert.equal(decodeRequests(new Uint8Array(0)), undefined);
  assert.equal(decodeRequests(Uint8Array.of(1, 0, 1, 0xff)), undefined, "not UTF-8");
  assert.equal(decodeRequests(Uint8Array.of(1, 0, 0)), undefined, "an empty text");
  assert.equal(decodeRequests(Uint8Array.of(3, 0, 1, 0)), undefined, "who holds nothing");
  assert.equal(decodeRequests(Uint8Array.of(5, 0, 1, 0)), undefined, "resume is cut");
});

test("what is random is not read, and never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1300 }), fc.nat(12), (noise, type) => {
      decodePacket(noise);
      decodePacket(concat(Uint8Array.of(0x65, 0x43, 2, type), noise));
      decodeRequests(noise);
      decodeEvents(noise);
    }),
    { numRuns: 500 },
  );
});

test("texts: at most 1,000 bytes; nothing that could control a terminal is shown", () => {
  assert.equal(checkText("é".repeat(500)).length, 500);
  assert.throws(() => checkText("é".repeat(500) + "x"), { code: "too-large", limit: 1000, received: 1001 });
  assert.throws(() => checkText(""), { code: "invalid-argument" });
  const event: RoomEvent = { type: "said", time: 0, name: "\x1b[31mada", text: "\r\n\x1b[2J" };
  assert.match(renderEvent(event), /^\d\d:\d\d:\d\d ␛\[31mada: ␍␊␛\[2J$/);
});

test("typed lines", () => {
  assert.deepEqual(readTyped("hello"), { type: "say", text: "hello" });
  assert.deepEqual(readTyped(" exit"), { type: "say", text: " exit" });
  assert.deepEqual(readTyped("exit"), { type: "leave" });
  assert.deepEqual(readTyped("/who"), { type: "who" });
  assert.deepEqual(readTyped("/me  is here"), { type: "act", text: "is here" });
  assert.deepEqual(readTyped("//etc"), { type: "say", text: "/etc" });
  assert.equal(readTyped("  "), undefined);
  assert.equal(readTyped("/me")?.type, "notice");
  assert.equal(readTyped("/help")?.type, "notice");
});

test("the round-trip time is estimated as RFC 6298 has it, and the timeout doubles up to its limit", () => {
  const trip = new RoundTripTime();
  assert.equal(trip.timeout(1), 1000);
  trip.measured(100);
  assert.equal(trip.timeout(1), 100 + 4 * 50);
  trip.measured(200);
  assert.equal(trip.smoothed, 112.5);
  assert.equal(trip.timeout(1), 112.5 + 4 * (0.75 * 50 + 0.25 * 100));
  assert.equal(trip.timeout(2), 2 * trip.timeout(1));
  assert.equal(trip.timeout(20), 2000);
  for (let i = 0; i < 50; i++) trip.measured(1);
  assert.equal(trip.timeout(1), 200);
});

test("a number is admitted once, within 1,024 of the newest", () => {
  const window = new ReplayWindow();
  assert.ok(window.admit(5) && window.admit(3) && !window.admit(5) && !window.admit(3) && !window.admit(0));
  assert.ok(window.admit(2000) && !window.admit(976) && window.admit(977) && !window.admit(4));
  assert.equal(window.newest, 2000);
});

test("whatever is lost, doubled and reordered: sender and receiver pass all on, once, in order; the window is kept", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(9), { minLength: 50, maxLength: 400 }),
      fc.integer({ min: 1, max: 300 }),
      (luck, count) => {
        let time = 0;
        let next = 0;
        const flying: { sequence: number; payload: Uint8Array }[] = [];
        const receiver = new Receiver();
        const got: number[] = [];
        const sender = new Sender({
          payload: 8,
          records: 4,
          queue: 1000,
          now: () => time,
          transmit: (sequence, payload) => flying.push({ sequence, payload }),
        });
        let arrived = 0;
        for (let i = 0; i < count; i++) assert.ok(sender.add(Uint8Array.of(i >> 8, i & 255), () => arrived++));
        for (let round = 0; !sender.idle; round++) {
          assert.ok(round < 10_000, "it never ends");
          sender.flush();
          for (const { sequence, payload } of flying.splice(0)) {
            const fate = round > 200 ? 5 : luck[next++ % luck.length]; // in the end the network is good
            if (fate < 2) continue;
            if (fate < 3) flying.push({ sequence, payload });
            if (receiver.accepts(sequence)) {
              for (const ready of receiver.take(sequence, payload)) {
                for (let at = 0; at < ready.length; at += 2) got.push(ready[at] * 256 + ready[at + 1]);
              }
            }
            if (fate !== 4) sender.acknowledged(receiver.acknowledgement);
          }
          time += 300;
          sender.resend();
        }
        assert.deepEqual(got, Array.from({ length: count }, (_, i) => i));
        assert.equal(arrived, count);
      },
    ),
    { numRuns: 30 },
  );
});

test("the receiver wants nothing beyond its window, and the sender sends nothing beyond it", () => {
  const receiver = new Receiver();
  assert.ok(receiver.accepts(1) && receiver.accepts(WINDOW) && !receiver.accepts(WINDOW + 1) && !receiver.accepts(0));
  const sent: number[] = [];
  const sender = new Sender({
    payload: 1,
    records: 1,
    queue: 100,
    now: () => 0,
    transmit: (sequence) => sent.push(sequence),
  });
  for (let i = 0; i < 100; i++) assert.ok(sender.add(new Uint8Array(1)));
  assert.equal(sender.add(new Uint8Array(1)), false, "the queue is full");
  assert.throws(() => sender.add(new Uint8Array(2)), { code: "too-large" });
  sender.flush();
  assert.equal(sent.length, WINDOW);
  assert.equal(sent.at(-1), WINDOW);
});

test("a bucket gives what it holds at once, then its rate", () => {
  const bucket = new Bucket({ perSecond: 10, atOnce: 3 }, 0);
  assert.ok(bucket.take(3, 0) && !bucket.take(1, 0));
  assert.equal(bucket.wait(1, 0), 100);
  assert.ok(!bucket.take(1, 99) && bucket.take(1, 100) && !bucket.take(1, 100));
  assert.ok(bucket.take(3, 10_000) && !bucket.take(1, 10_000));
  assert.ok(!bucket.take(1, 5000), "a clock that goes back gives nothing");
});

test("an outbox passes on what waits when the consumer is ready; full, it drops it and takes only a last item", async () => {
  const passed: string[] = [];
  let ready = Promise.withResolvers<void>();
  let overflows = 0;
  const out = {
    push: (item: string) => void passed.push(item),
    flush: () => ready.promise,
    end() {},
    fail() {},
    keep() {},
  };
  const outbox = new Outbox<string>(out, 2, () => {
    overflows++;
    outbox.addLast("bye");
  });
  for (const item of ["a", "b", "c"]) outbox.add(item);
  assert.deepEqual(passed, ["a"]);
  const { resolve } = ready;
  ready = Promise.withResolvers();
  resolve();
  await new Promise((resume) => setTimeout(resume));
  assert.deepEqual(passed, ["a", "b", "c"]);
  for (const item of ["d", "e", "f", "g"]) outbox.add(item);
  ready.resolve();
  await outbox.drained();
  assert.deepEqual(passed, ["a", "b", "c", "bye"]);
  assert.equal(overflows, 1);
});

test("a room: one order for all, also for what is done while it tells; unique names; nobody beyond its limit", () => {
  const room = new Room({ members: 3, now: () => 0 });
  const heard: string[][] = [[], [], []];
  const members = heard.map((log, i) =>
    room.join(`m${i}`, (event) => {
      log.push("text" in event ? event.text : event.type);
      if (i === 0 && event.type === "said" && event.text === "go" && "leave" in members[1]) members[1].leave("behind");
    })
  );
  assert.ok("refused" in room.join("M0", () => {}));
  const beyond = room.join("m3", () => {});
  assert.ok("refused" in beyond && beyond.refused === "room-full");
  const last = members[2];
  assert.ok("say" in last);
  last.say("go");
  last.act("on");
  assert.deepEqual(heard[0], ["welcome", "joined", "joined", "go", "left", "on"]);
  assert.deepEqual(heard[1], ["welcome", "joined", "go"]);
  assert.deepEqual(heard[2], ["welcome", "go", "left", "on"]);
  last.leave();
  last.leave();
  last.say("nothing");
  assert.deepEqual(heard[0].slice(-2), ["on", "left"]);
  assert.deepEqual(room.names, ["m0"]);
  assert.throws(() => new Room({ members: 0 }), EchopipeError);
});

test("a room tells whoever joins the last texts, as many as it is to keep", () => {
  for (const [history, told] of [[2, ["two", "three"]], [0, []]] as const) {
    const room = new Room({ history });
    const ada = room.join("ada", () => {});
    assert.ok("say" in ada);
    for (const text of ["one", "two", "three"]) ada.say(text);
    const heard: string[] = [];
    room.join("bob", (event) => heard.push("text" in event ? event.text : event.type));
    assert.deepEqual(heard, ["welcome", ...told]);
  }
  assert.throws(() => new Room({ history: 101 }), EchopipeError);
});

test("a member whose hearing fails keeps nothing from the others", () => {
  const errors: unknown[] = [];
  const room = new Room({ onError: (error) => errors.push(error) });
  const failure = new Error("deaf");
  const heard: string[] = [];
  room.join("deaf", (event) => {
    if (event.type === "said") throw failure;
  });
  const ada = room.join("ada", (event) => heard.push(event.type));
  assert.ok("say" in ada);
  ada.say("hello");
  ada.say("again");
  assert.deepEqual(heard, ["welcome", "said", "said"]);
  assert.deepEqual(errors, [failure, failure]);
});
