/**
 * The framings of a client.
 *
 * @module
 */
import type { ChunkCodec } from "../framing/framing.ts";
import { line } from "../framing/line.ts";
import { message } from "../framing/message.ts";
import { raw } from "../framing/raw.ts";
import type { Chunk } from "../framing/chunk.ts";
import { pipeline } from "../stage/pipeline.ts";
import type { Stage } from "../stage/stage.ts";
import { SkipText } from "./skip_text.ts";

/** Names of the framings; a client has no `auto`, since it sends first. */
export type ClientFraming = "message" | "line" | "raw";

/** Larger than any read: a client passes on each read as it comes, in bytes. */
const CHUNK_SIZE = 1 << 24;

/** The decoder of what a server sends to a client that said hello. */
export function decoderOf(name: ClientFraming): Stage<Uint8Array, Chunk> {
  const { decoder } = framingOf(name);
  return name === "message" ? pipeline(new SkipText(), decoder) : decoder;
}

/** The codec of a client's connection. */
export function framingOf(name: ClientFraming): ChunkCodec {
  return { message, line, raw }[name]({ chunkSize: CHUNK_SIZE });
}
