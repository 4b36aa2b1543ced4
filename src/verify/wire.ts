/**
 * Framings of what is sent. Whatever the framing, an echo server returns the bytes that it was sent, so that nothing has
 * to be decoded.
 *
 * @module
 */
import type { Kind } from "../framing/chunk.ts";
import { messageHeader } from "../framing/message.ts";

/** Names of the framings. */
export type WireName = "raw" | "line" | "message";

/** Puts a payload into a frame. */
export type Frame = (payload: Uint8Array) => Uint8Array;

const NEWLINE = 0x0a;

/** The frames, by name. */
export const frames: Readonly<Record<WireName, Frame>> = {
  /** The bytes as they are. */
  raw: (payload) => payload,
  /** Lines of the same length in all: the last byte becomes the end of a line. */
  line(payload) {
    const lines = payload.slice();
    if (lines.length > 0) lines[lines.length - 1] = NEWLINE;
    return lines;
  },
  /** One message of kind text: what a plain 4-byte length prefix is, too. */
  message: (payload) => messageBytes("text", payload),
};

/** A message of the wire format. */
export function messageBytes(kind: Kind, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(messageHeader.width + payload.length);
  messageHeader.write(bytes, kind, payload.length);
  bytes.set(payload, messageHeader.width);
  return bytes;
}

/** Joins pieces. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
