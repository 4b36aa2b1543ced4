/**
 * What data datagrams carry: what members ask, what the room tells.
 *
 * ```text
 * record    type (1) | length of the rest (2) | ...
 * asked      1 say   text        2 act   text        3 who        4 leave
 * told      16 said  time (6) | length (1), name | text      17 acted  the same
 *           18 joined  time (6) | length (1), name
 *           19 left    time (6) | reason (1) | length (1), name
 *           20 members  more follows (1) | { length (1), name } ...
 *           21 notice  text      22 welcome  length (1), name
 * ```
 *
 * @module
 */
import { concat, FieldReader, Malformed, numberField, parsed, textField } from "./bytes.ts";
import { leaveReasons, type RoomEvent, type RoomRequest } from "./room_events.ts";
import { MAX_NAME_BYTES } from "../names.ts";
import { MAX_TEXT } from "./text.ts";

/** What travels as a record. `welcome` is followed by `members`. */
export type TellRecord =
  | Extract<RoomEvent, { type: "said" | "acted" | "joined" | "left" | "notice" }>
  | { readonly type: "members"; readonly more: boolean; readonly names: readonly string[] }
  | { readonly type: "welcome"; readonly name: string };

/** What a member asks within a session. */
export type AskRecord = Exclude<RoomRequest, { type: "join" }>;

/** The most bytes of names in one record of members. */
const MAX_NAMES = 1000;

/** A request as a record. */
export function encodeAsk(ask: AskRecord): Uint8Array {
  switch (ask.type) {
    case "say":
      return record(1, encoder.encode(ask.text));
    case "act":
      return record(2, encoder.encode(ask.text));
    case "who":
      return record(3);
    case "leave":
      return record(4);
  }
}

/** The requests in a payload; undefined if any of it is malformed. */
export function decodeAsks(payload: Uint8Array): AskRecord[] | undefined {
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
      default:
        throw new Malformed();
    }
  });
}

/** An event as records, each at most 1,141 bytes; none for what has a datagram of its own. */
export function encodeTell(event: RoomEvent): Uint8Array[] {
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
export function decodeTells(payload: Uint8Array): TellRecord[] | undefined {
  return decodeAll(payload, (type, body): TellRecord => {
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
        const time = body.number(6);
        const reason = leaveReasons[body.number(1) - 1];
        if (reason === undefined) throw new Malformed();
        return { type: "left", time, reason, name: body.text(1, MAX_NAME_BYTES) };
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
