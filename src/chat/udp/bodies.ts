/**
 * Bodies of sealed datagrams: see the layouts in `datagrams.ts`.
 *
 * @module
 */
import { type LeaveReason, leaveReasons } from "../room/events.ts";
import { concat, FieldReader, numberField, parsed } from "./fields.ts";

/** The size of a path token in bytes. */
export const PATH_TOKEN = 8;

/** Received part of a sequence: all up to `complete`, and of the 64 behind it those whose bit is set. */
export interface Acknowledgement {
  readonly complete: number;
  /** 64 bits, the lowest of the first byte first. */
  readonly early: Uint8Array;
}

/** Body of a datagram within a session. */
export type Body =
  | { readonly type: "data"; readonly ack: Acknowledgement; readonly sequence: number; readonly records: Uint8Array }
  | { readonly type: "ack" | "ping"; readonly ack: Acknowledgement }
  | { readonly type: "path" | "path-answer"; readonly token: Uint8Array }
  | { readonly type: "bye"; readonly reason: LeaveReason };

/** Reads the body of a sealed datagram that was opened; undefined for what is not one, to the last byte. */
export function decodeBody(type: Body["type"], bytes: Uint8Array): Body | undefined {
  return parsed(() => {
    const reader = new FieldReader(bytes);
    const body = readBody(type, reader);
    reader.end();
    return body;
  });
}

function readBody(type: Body["type"], reader: FieldReader): Body {
  switch (type) {
    case "data":
      return { type, ack: readAck(reader), sequence: reader.number(4), records: reader.bytes(reader.left) };
    case "ack":
    case "ping":
      return { type, ack: readAck(reader) };
    case "path":
    case "path-answer":
      return { type, token: reader.bytes(PATH_TOKEN) };
    case "bye":
      return { type, reason: reader.oneOf(leaveReasons) };
  }
}

function readAck(reader: FieldReader): Acknowledgement {
  return { complete: reader.number(4), early: reader.bytes(8) };
}

/** The body of a sealed datagram, still to be encrypted. */
export function encodeBody(body: Body): Uint8Array {
  switch (body.type) {
    case "data":
      return concat(numberField(body.ack.complete, 4), body.ack.early, numberField(body.sequence, 4), body.records);
    case "ack":
    case "ping":
      return concat(numberField(body.ack.complete, 4), body.ack.early);
    case "path":
    case "path-answer":
      return body.token;
    case "bye":
      return numberField(leaveReasons.indexOf(body.reason) + 1, 1);
  }
}
