/**
 * The framings a client speaks.
 *
 * @module
 */
import type { Codec } from "../framing/framing.ts";
import { line } from "../framing/line.ts";
import { message } from "../framing/message.ts";
import { raw } from "../framing/raw.ts";

/** The framings a client can be told to speak: it knows what it sends, there is nothing to detect. */
export type ClientFraming = "message" | "line" | "raw";

/** A chunk as large as any read: a client hands on what comes as it comes. */
const CHUNK_SIZE = 1 << 24;

/** The codec of a client's connection. */
export function framingOf(name: ClientFraming): Codec {
  return { message, line, raw }[name]({ chunkSize: CHUNK_SIZE });
}
