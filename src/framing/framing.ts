/**
 * What a framing is.
 *
 * @module
 */
import { checkInteger } from "../errors.ts";
import type { Stage } from "../stage/stage.ts";
import type { Chunk } from "./chunk.ts";

/** How many chunks passed so far: kept by decoders and encoders, where it costs no stage of its own. */
export interface ChunkCount {
  /** Chunks that passed so far. */
  readonly chunks: number;
}

/** Bytes to chunks. */
export type Decoder = Stage<Uint8Array, Chunk> & ChunkCount;
/** Chunks to bytes. */
export type Encoder = Stage<Chunk, Uint8Array> & ChunkCount;

/** The two directions of one connection. */
export interface Codec {
  /** What the peer sends, in chunks. */
  readonly decoder: Decoder;
  /** What is sent to the peer, from chunks. */
  readonly encoder: Encoder;
}

/** What every framing can be told. */
export interface FramingOptions {
  /** The largest chunk a handler sees, in bytes: 1 to 16,777,216. Default 1024. */
  readonly chunkSize?: number;
}

/** A framing: makes the decoder and the encoder of one connection. */
export type Framing = (options?: FramingOptions) => Codec;

/** The default of {@linkcode FramingOptions.chunkSize}, in bytes. */
export const DEFAULT_CHUNK_SIZE = 1024;

/**
 * The chunk limit that options ask for.
 *
 * @throws {EchopipeError} `invalid-argument` if it is not from 1 to 16,777,216
 */
export function chunkLimit({ chunkSize = DEFAULT_CHUNK_SIZE }: FramingOptions = {}): number {
  return checkInteger("chunkSize", chunkSize, 1, 1 << 24);
}
