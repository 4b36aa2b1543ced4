/**
 * Control messages, datagrams of the chat, and the users file.
 *
 * @module
 */
import assert from "node:assert/strict";
import { controlChunk, parseControl } from "echopipe";
import { decodeBody, encodeBody } from "../../../src/chat/udp/bodies.ts";
import {
  decodePacket,
  encodeChallenge,
  encodeHead,
  encodeHello,
  encodeJoin,
  encodeRefuse,
  routeOf,
} from "../../../src/chat/udp/datagrams.ts";
import { decodeEvents, decodeRequests, encodeEvent, encodeRequest } from "../../../src/chat/udp/records.ts";
import { formatUsers, parseUsers } from "../../../src/identity/users_file.ts";
import { join } from "../../support/cuts.ts";
import { type FuzzTarget, orRefused } from "../target.ts";

const control: FuzzTarget = {
  name: "control",
  corpus: "control",
  check(input) {
    const parsed = orRefused(() => parseControl(input), "protocol");
    if (parsed === undefined) return;
    const sent = orRefused(() => controlChunk(parsed), "too-large"); // escapes may take more than what came
    // Compared as JSON, which has no -0.
    if (sent !== undefined) assert.equal(JSON.stringify(parseControl(sent.bytes)), JSON.stringify(parsed));
  },
};

/** A datagram written again, as far as it can be without keys. */
function written(bytes: Uint8Array, packet: NonNullable<ReturnType<typeof decodePacket>>): Uint8Array {
  switch (packet.type) {
    case "hello":
      return encodeHello(packet.nonce);
    case "challenge":
      return encodeChallenge(packet.nonce, packet.cookie);
    case "join":
      return encodeJoin(packet.nonce, packet.cookie, packet.key, packet.name);
    case "refuse":
      return encodeRefuse(packet.nonce, packet.reason);
    case "accept":
      return join([packet.head, packet.sealed]);
    default:
      assert.deepEqual(packet.head, bytes.subarray(0, packet.head.length));
      return join([encodeHead(packet.type, packet.session, packet.number), packet.sealed]);
  }
}

const datagram: FuzzTarget = {
  name: "datagram",
  corpus: "datagram",
  check(input) {
    const packet = decodePacket(input);
    if (packet !== undefined) assert.deepEqual(new Uint8Array(written(input, packet)), input);
    routeOf(input);
    for (const type of ["data", "ack", "ping", "path", "path-answer", "bye"] as const) {
      const body = decodeBody(type, input);
      if (body !== undefined) assert.deepEqual(new Uint8Array(encodeBody(body)), input);
    }
    const requests = decodeRequests(input);
    if (requests !== undefined) assert.deepEqual(join(requests.map(encodeRequest)), input);
    for (const event of decodeEvents(input) ?? []) {
      if (event.type === "said" || event.type === "acted" || event.type === "joined" || event.type === "left") {
        assert.deepEqual(decodeEvents(join(encodeEvent(event))), [event]);
      }
    }
  },
};

const users: FuzzTarget = {
  name: "users",
  corpus: "users",
  check(input) {
    const table = orRefused(() => parseUsers(new TextDecoder().decode(input), "users.json"), "damaged");
    if (table === undefined) return;
    const written = formatUsers(table);
    assert.equal(formatUsers(parseUsers(written, "users.json")), written);
  },
};

/** These. */
export const documents: readonly FuzzTarget[] = [control, datagram, users];
