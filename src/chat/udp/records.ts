/**
 * Records in data datagrams: requests of members, events of the room.
 *
 * ```text
 * record    type (1) | length of the rest (2) | ...
 * requests   1 say   text        2 act   text        3 who        4 leave
 *            5 resume  client (16) | number of the next request (4)
 * events    16 said  time (6) | length (1), name | text      17 acted  the same
 *           18 joined  time (6) | length (1), name
 *           19 left    time (6) | reason (1) | length (1), name
 *           20 members  more follows (1) | { length (1), name } ...
 *           21 notice  text      22 welcome  length (1), name
 * ```
 *
 * @module
 */
import { MAX_NAME_BYTES } from "../../names.ts";
import { leaveReasons, type RoomEvent, type RoomRequest } from "../room/events.ts";
import { MAX_TEXT } from "../room/input.ts";
import { concat, FieldReader, Malformed, numberField, parsed, textField } from "./fields.ts";

/** Event as a record. `welcome` is followed by `members`. */
export type EventRecord =
  | Extract<RoomEvent, { type: "said" | "acted" | "joined" | "left" | "notice" }>
  | { readonly type: "members"; readonly more: boolean; readonly names: readonly string[] }
  | { readonly type: "welcome"; readonly name: string };

/** Request of a member within a session. `resume` says whose requests follow, and from which number on. */
export type RequestRecord =
  | Exclude<RoomRequest, { type: "join" }>
  | { readonly type: "resume"; readonly client: Uint8Array; readonly next: number };

/** The size of the number by which a client is known again, in bytes. */
export const CLIENT = 16;
/** The most bytes of names in one record of members. */
const MAX_NAMES = 1000;

/** A request as a record. */
export function encodeRequest(request: RequestRecord): Uint8Array {
  switch (request.type) {
    case "say":
      return record(1, encoder.encode(request.text));
    case "act":
      return record(2, encoder.encode(request.text));
    case "who":
      return record(3);
    case "leave":
      return record(4);
    case "resume":
      return record(5, request.client, numberField(request.next, 4));
  }
}

/** The requests in a payload; undefined if any of it is malformed. */
export function decodeRequests(payload: Uint8Array): RequestRecord[] | undefined {
  return decodeAll(payload, (type, body) => {
    switch (type) {
      case 1:
        return { type: "say", text: textOf(body) };
      case 2:
        return { type: "act", text: textOf(body) };
      case 3:
        return { type: "who" };
      case 4:
        return { type: "leave" };
      case 5:
        return { type: "resume", client: body.bytes(CLIENT), next: body.number(4) };
      default:
        throw new Malformed();
    }
  });
}

/** An event as records, each at most 1,141 bytes; none for what has a datagram of its own. */
export function encodeEvent(event: RoomEvent): Uint8Array[] {
  switch (event.type) {
    case "said":
    case "acted": {
      const said = concat(numberField(event.time, 6), textField(event.name, 1), encoder.encode(event.text));
      return [record(event.type === "said" ? 16 : 17, said)];
    }
    case "joined":
      return [record(18, numberField(event.time, 6), textField(event.name, 1))];
    case "left": {
      const reason = numberField(leaveReasons.indexOf(event.reason) + 1, 1);
      return [record(19, numberField(event.time, 6), reason, textField(event.name, 1))];
    }
    case "members":
      return encodeMembers(event.names);
    case "notice":
      return [record(21, encoder.encode(event.text))];
    case "welcome":
      return [record(22, textField(event.name, 1)), ...encodeMembers(event.names)];
    case "refused":
    case "bye":
      return [];
  }
}

/** The events in a payload; undefined if any of it is malformed. */
export function decodeEvents(payload: Uint8Array): EventRecord[] | undefined {
  return decodeAll(payload, (type, body): EventRecord => {
    switch (type) {
      case 16:
      case 17: {
        const time = body.number(6);
        const name = body.text(1, MAX_NAME_BYTES);
        return { type: type === 16 ? "said" : "acted", time, name, text: textOf(body) };
      }
      case 18:
        return { type: "joined", time: body.number(6), name: body.text(1, MAX_NAME_BYTES) };
      case 19: {
        const fields = { time: body.number(6), reason: body.oneOf(leaveReasons) };
        return { type: "left", ...fields, name: body.text(1, MAX_NAME_BYTES) };
      }
      case 20: {
        const more = body.number(1);
        if (more > 1) throw new Malformed();
        const names: string[] = [];
        while (body.left > 0) names.push(body.text(1, MAX_NAME_BYTES));
        return { type: "members", more: more === 1, names };
      }
      case 21:
        return { type: "notice", text: textOf(body) };
      case 22:
        return { type: "welcome", name: body.text(1, MAX_NAME_BYTES) };
      default:
        throw new Malformed();
    }
  });
}

function record(type: number, ...fields: readonly Uint8Array[]): Uint8Array {
  const size = fields.reduce((sum, field) => sum + field.length, 0);
  return concat(numberField(type, 1), numberField(size, 2), ...fields);
}

function encodeMembers(names: readonly string[]): Uint8Array[] {
  const groups: Uint8Array[][] = [[]];
  let size = 0;
  for (const name of names) {
    const field = textField(name, 1);
    if (size + field.length > MAX_NAMES) {
      groups.push([]);
      size = 0;
    }
    size += field.length;
    groups[groups.length - 1].push(field);
  }
  return groups.map((fields, i) => record(20, numberField(i < groups.length - 1 ? 1 : 0, 1), ...fields));
}

/** All that is left, as text of 1 to 1,000 bytes. */
function textOf(body: FieldReader): string {
  return new FieldReader(concat(numberField(body.left, 2), body.bytes(body.left))).text(2, MAX_TEXT);
}

function decodeAll<T>(payload: Uint8Array, decode: (type: number, body: FieldReader) => T): T[] | undefined {
  return parsed(() => {
    const reader = new FieldReader(payload);
    const records: T[] = [];
    while (reader.left > 0) {
      const type = reader.number(1);
      const body = new FieldReader(reader.bytes(reader.number(2)));
      records.push(decode(type, body));
      body.end();
    }
    if (records.length === 0) throw new Malformed();
    return records;
  });
}

const encoder = new TextEncoder();
