/**
 * Every datagram of the chat: docs/protocol.md draws them.
 *
 * ```text
 * all        magic "eC" (2) | version 1 (1) | type (1) | ...
 *  1 hello        nonce (8) | zeros (20)                                         client -> server
 *  2 challenge    nonce (8) | cookie (20)                                        server -> client
 *  3 join         nonce (8) | cookie (20) | public key (32) | length (1), name   client -> server
 *  4 accept       nonce (8) | session (8) | public key (32) | tag (16)           server -> client
 *  5 refuse       nonce (8) | reason (1)                                         server -> client
 * sealed     session (8) | number (4) | ... | tag (16)
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
import { concat, FieldReader, Malformed, numberField, parsed, textField } from "./bytes.ts";
import { type LeaveReason, leaveReasons, type RefuseReason } from "./room_events.ts";
import { MAX_NAME_BYTES } from "../names.ts";

/** The largest datagram in bytes: it passes nearly every network unfragmented (RFC 9000, 14). */
export const MAX_DATAGRAM = 1200;
/** Sizes of fields in bytes. */
export const NONCE = 8;
export const COOKIE = 20;
export const KEY = 32;
export const SESSION = 8;
export const TAG = 16;
export const PATH_TOKEN = 8;
/** The most bytes of records in one datagram. */
export const MAX_PAYLOAD: number = MAX_DATAGRAM - 4 - SESSION - 4 - 12 - 4 - TAG;

const HELLO_SIZE = 4 + NONCE + COOKIE;
const magic = [0x65, 0x43, 1];
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
const refuseReasons: readonly RefuseReason[] = ["name-invalid", "name-taken", "room-full", "stopped"];

/** What has come of a sequence: all up to `complete`, and of the 64 behind it those whose bit is set. */
export interface Acknowledgement {
  readonly complete: number;
  /** 64 bits, the lowest of the first byte first. */
  readonly early: Uint8Array;
}

/** What is said within a session. */
export type Body =
  | { readonly type: "data"; readonly ack: Acknowledgement; readonly sequence: number; readonly records: Uint8Array }
  | { readonly type: "ack" | "ping"; readonly ack: Acknowledgement }
  | { readonly type: "path" | "path-answer"; readonly token: Uint8Array }
  | { readonly type: "bye"; readonly reason: LeaveReason };

/** A datagram of a session; `number` is another for each, a resent one included. */
export type Sealed = Body & { readonly session: Uint8Array; readonly number: number; readonly tag: Uint8Array };

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
  | {
    readonly type: "accept";
    readonly nonce: Uint8Array;
    readonly session: Uint8Array;
    readonly key: Uint8Array;
    readonly tag: Uint8Array;
  }
  | { readonly type: "refuse"; readonly nonce: Uint8Array; readonly reason: RefuseReason };

/** What a datagram says; `bytes` are its own, without the tag if it has one: what the tag is made of. */
export type Packet = (Greeting | Sealed) & { readonly bytes: Uint8Array };

/** Reads a datagram; undefined for what is not one of ours, to the last byte. */
export function decodePacket(datagram: Uint8Array): Packet | undefined {
  if (datagram.length < 4 || datagram.length > MAX_DATAGRAM) return undefined;
  if (!magic.every((byte, at) => datagram[at] === byte)) return undefined;
  const type = types[datagram[3] - 1];
  if (type === undefined) return undefined;
  return parsed(() => {
    const reader = new FieldReader(datagram, 4);
    const fields = type === "hello" || type === "challenge" || type === "join" || type === "accept" || type === "refuse"
      ? readGreeting(type, reader)
      : readSealed(type, reader);
    reader.end();
    return { ...fields, bytes: "tag" in fields ? datagram.subarray(0, -TAG) : datagram };
  });
}

function readGreeting(type: Greeting["type"], reader: FieldReader): Greeting {
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
    case "accept":
      return { type, nonce, session: reader.bytes(SESSION), key: reader.bytes(KEY), tag: reader.bytes(TAG) };
    case "refuse":
      return { type, nonce, reason: reasonAt(refuseReasons, reader) };
  }
}

function readSealed(type: Sealed["type"], reader: FieldReader): Sealed {
  const session = reader.bytes(SESSION);
  const number = reader.number(4);
  const body = readBody(type, reader);
  return { ...body, session, number, tag: reader.bytes(TAG) };
}

function readBody(type: Sealed["type"], reader: FieldReader): Body {
  switch (type) {
    case "data": {
      const ack = readAck(reader);
      const sequence = reader.number(4);
      return { type, ack, sequence, records: reader.bytes(Math.max(reader.left - TAG, 0)) };
    }
    case "ack":
    case "ping":
      return { type, ack: readAck(reader) };
    case "path":
    case "path-answer":
      return { type, token: reader.bytes(PATH_TOKEN) };
    case "bye":
      return { type, reason: reasonAt(leaveReasons, reader) };
  }
}

function readAck(reader: FieldReader): Acknowledgement {
  return { complete: reader.number(4), early: reader.bytes(8) };
}

function reasonAt<T>(reasons: readonly T[], reader: FieldReader): T {
  const reason = reasons[reader.number(1) - 1];
  if (reason === undefined) throw new Malformed();
  return reason;
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

/** Tells that somebody joined; the tag is still to be added. */
export function encodeAccept(nonce: Uint8Array, session: Uint8Array, key: Uint8Array): Uint8Array {
  return concat(header("accept"), nonce, session, key);
}

/** Tells that somebody could not join. */
export function encodeRefuse(nonce: Uint8Array, reason: RefuseReason): Uint8Array {
  return concat(header("refuse"), nonce, numberField(refuseReasons.indexOf(reason) + 1, 1));
}

/** A datagram of a session; the tag is still to be added. */
export function encodeSealed(session: Uint8Array, number: number, body: Body): Uint8Array {
  return concat(header(body.type), session, numberField(number, 4), ...bodyFields(body));
}

function bodyFields(body: Body): Uint8Array[] {
  switch (body.type) {
    case "data":
      return [numberField(body.ack.complete, 4), body.ack.early, numberField(body.sequence, 4), body.records];
    case "ack":
    case "ping":
      return [numberField(body.ack.complete, 4), body.ack.early];
    case "path":
    case "path-answer":
      return [body.token];
    case "bye":
      return [numberField(leaveReasons.indexOf(body.reason) + 1, 1)];
  }
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
