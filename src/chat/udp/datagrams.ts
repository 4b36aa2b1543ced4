/**
 * Every datagram of the chat: docs/protocol.md draws them.
 *
 * ```text
 * all        magic "eC" (2) | version 2 (1) | type (1) | ...
 *  1 hello        nonce (8) | zeros (20)                                         client -> server
 *  2 challenge    nonce (8) | cookie (20)                                        server -> client
 *  3 join         nonce (8) | cookie (20) | public key (32) | length (1), name   client -> server
 *  4 accept       nonce (8) | session (8) | public key (32) | tag (16)           server -> client
 *  5 refuse       nonce (8) | reason (1)                                         server -> client
 * sealed     session (8) | number (4) | body, encrypted | tag (16)
 *  6 data         complete (4) | early (8) | sequence (4) | records              both ways
 *  7 ack          complete (4) | early (8)                                       both ways
 *  8 ping         complete (4) | early (8)                                       client -> server
 *  9 path         token (8)                                                      server -> client
 * 10 path-answer  token (8)                                                      client -> server
 * 11 bye          reason (1)                                                     server -> client
 * ```
 *
 * @module
 */
import { MAX_NAME_BYTES } from "../../names.ts";
import type { RefuseReason } from "../room/events.ts";
import type { Body } from "./bodies.ts";
import { concat, FieldReader, Malformed, numberField, parsed, textField } from "./fields.ts";

/** The largest datagram in bytes: it passes nearly every network unfragmented (RFC 9000, 14). */
const MAX_DATAGRAM = 1200;
/** Sizes of fields in bytes. */
export const NONCE = 8;
export const COOKIE = 20;
export const KEY = 32;
export const SESSION = 8;
export const TAG = 16;
/** The bytes before the body of a sealed datagram. */
const SEALED_HEAD = 4 + SESSION + 4;
/** The most bytes of records in one datagram. */
export const MAX_PAYLOAD: number = MAX_DATAGRAM - SEALED_HEAD - 12 - 4 - TAG;

const HELLO_SIZE = 4 + NONCE + COOKIE;
const magic = [0x65, 0x43, 2];
const types = [
  "hello",
  "challenge",
  "join",
  "accept",
  "refuse",
  "data",
  "ack",
  "ping",
  "path",
  "path-answer",
  "bye",
] as const;
const refuseReasons: readonly RefuseReason[] = ["name-invalid", "name-taken", "room-full", "stopped", "unavailable"];

/** A datagram of a session, still sealed; `number` is another for each, a resent one included. */
export interface Sealed extends SealedParts {
  readonly type: Body["type"];
  readonly session: Uint8Array;
  readonly number: number;
}

/** Parts of a sealed datagram: the readable head, and behind it the encrypted body and the tag. */
interface SealedParts {
  readonly head: Uint8Array;
  readonly sealed: Uint8Array;
}

/** A datagram before there is a session. */
export type Greeting =
  | { readonly type: "hello"; readonly nonce: Uint8Array }
  | { readonly type: "challenge"; readonly nonce: Uint8Array; readonly cookie: Uint8Array }
  | {
    readonly type: "join";
    readonly nonce: Uint8Array;
    readonly cookie: Uint8Array;
    readonly key: Uint8Array;
    readonly name: string;
  }
  | SealedParts & {
    readonly type: "accept";
    readonly nonce: Uint8Array;
    readonly session: Uint8Array;
    readonly key: Uint8Array;
  }
  | { readonly type: "refuse"; readonly nonce: Uint8Array; readonly reason: RefuseReason };

/** A datagram, as far as it can be read without the keys of its session. */
export type Packet = Greeting | Sealed;

/** Reads a datagram; undefined for what is not one of ours, to the last byte. */
export function decodePacket(datagram: Uint8Array): Packet | undefined {
  if (datagram.length < 4 || datagram.length > MAX_DATAGRAM) return undefined;
  if (!magic.every((byte, at) => datagram[at] === byte)) return undefined;
  const type = types[datagram[3] - 1];
  if (type === undefined) return undefined;
  return parsed(() => {
    const reader = new FieldReader(datagram, 4);
    switch (type) {
      case "hello":
      case "challenge":
      case "join":
      case "refuse": {
        const greeting = readGreeting(type, reader);
        reader.end();
        return greeting;
      }
      case "accept": {
        const fields = { nonce: reader.bytes(NONCE), session: reader.bytes(SESSION), key: reader.bytes(KEY) };
        return { type, ...fields, ...sealedParts(datagram, reader) };
      }
      default: {
        const fields = { session: reader.bytes(SESSION), number: reader.number(4) };
        return { type, ...fields, ...sealedParts(datagram, reader) };
      }
    }
  });
}

/** All that is left of a datagram, at least a tag, and what comes before it. */
function sealedParts(datagram: Uint8Array, { left }: FieldReader): SealedParts {
  if (left < TAG) throw new Malformed();
  return { head: datagram.subarray(0, -left), sealed: datagram.subarray(-left) };
}

function readGreeting(type: "hello" | "challenge" | "join" | "refuse", reader: FieldReader): Greeting {
  const nonce = reader.bytes(NONCE);
  switch (type) {
    case "hello":
      if (reader.bytes(COOKIE).some((byte) => byte !== 0)) throw new Malformed();
      return { type, nonce };
    case "challenge":
      return { type, nonce, cookie: reader.bytes(COOKIE) };
    case "join": {
      const cookie = reader.bytes(COOKIE);
      return { type, nonce, cookie, key: reader.bytes(KEY), name: reader.text(1, MAX_NAME_BYTES) };
    }
    case "refuse":
      return { type, nonce, reason: reader.oneOf(refuseReasons) };
  }
}

function header(type: typeof types[number]): Uint8Array {
  return Uint8Array.of(...magic, types.indexOf(type) + 1);
}

/** Asks for a cookie; as long as the answer, so that no forged hello makes a server send more than it got. */
export function encodeHello(nonce: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HELLO_SIZE);
  bytes.set(header("hello"));
  bytes.set(nonce, 4);
  return bytes;
}

/** Gives a cookie. */
export function encodeChallenge(nonce: Uint8Array, cookie: Uint8Array): Uint8Array {
  return concat(header("challenge"), nonce, cookie);
}

/** Asks to join. */
export function encodeJoin(nonce: Uint8Array, cookie: Uint8Array, key: Uint8Array, name: string): Uint8Array {
  return concat(header("join"), nonce, cookie, key, textField(name, 1));
}

/** The head of an accept; sealed with an empty body and the number 0. */
export function encodeAccept(nonce: Uint8Array, session: Uint8Array, key: Uint8Array): Uint8Array {
  return concat(header("accept"), nonce, session, key);
}

/** Tells that somebody could not join. */
export function encodeRefuse(nonce: Uint8Array, reason: RefuseReason): Uint8Array {
  return concat(header("refuse"), nonce, numberField(refuseReasons.indexOf(reason) + 1, 1));
}

/** The head of a sealed datagram. */
export function encodeHead(type: Body["type"], session: Uint8Array, number: number): Uint8Array {
  return concat(header(type), session, numberField(number, 4));
}

/** To whom a client's datagram goes, told by its first twelve bytes; undefined for what only servers send, or nobody. */
export function routeOf(datagram: Uint8Array): { type: "greeting" | "session"; key: Uint8Array } | undefined {
  if (datagram.length < 12 || !magic.every((byte, at) => datagram[at] === byte)) return undefined;
  const key = datagram.subarray(4, 12);
  switch (types[datagram[3] - 1]) {
    case "hello":
    case "join":
      return { type: "greeting", key };
    case "data":
    case "ack":
    case "ping":
    case "path-answer":
      return { type: "session", key };
    default:
      return undefined;
  }
}
