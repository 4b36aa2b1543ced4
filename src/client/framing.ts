/**
 * The framings a client speaks.
 *
 * @module
 */
import type { Codec } from "../framing/framing.ts";
import { line } from "../framing/line.ts";
import { message } from "../framing/message.ts";
import { raw } from "../framing/raw.ts";
import type { Chunk } from "../framing/chunk.ts";
import { pipeline } from "../stage/pipeline.ts";
import type { Stage } from "../stage/stage.ts";
import { SkipText } from "./skip_text.ts";

/** The framings a client can be told to speak: it knows what it sends, there is nothing to detect. */
export type ClientFraming = "message" | "line" | "raw";

/** A chunk as large as any read: a client hands on what comes as it comes. */
const CHUNK_SIZE = 1 << 24;

/** The decoder of what a server sends to a client that said hello. */
export function decoderOf(name: ClientFraming): Stage<Uint8Array, Chunk> {
  const { decoder } = framingOf(name);
  return name === "message" ? pipeline(new SkipText(), decoder) : decoder;
}

/** The codec of a client's connection. */
export function framingOf(name: ClientFraming): Codec {
  return { message, line, raw }[name]({ chunkSize: CHUNK_SIZE });
}
