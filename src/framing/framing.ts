/**
 * The contract of a framing.
 *
 * @module
 */
import { checkInteger } from "../errors.ts";
import type { Stage } from "../stage/stage.ts";
import type { Chunk } from "./chunk.ts";

/** A counter of chunks, in every decoder and encoder: there it costs no stage of its own. */
export interface ChunkCount {
  /** Number of chunks so far. */
  readonly chunks: number;
}

/** Decodes bytes into chunks of messages. */
export type Decoder = Stage<Uint8Array, Chunk> & ChunkCount;
/** Encodes chunks of messages as bytes. */
export type Encoder = Stage<Chunk, Uint8Array> & ChunkCount;

/** Decoder and encoder of one connection. */
export interface Codec {
  /** Decodes the bytes from the peer. */
  readonly decoder: Decoder;
  /** Encodes the bytes to the peer. */
  readonly encoder: Encoder;
}

/** Options of every framing. */
export interface FramingOptions {
  /** The largest chunk a handler sees, in bytes: 1 to 16,777,216. Default 1024. */
  readonly chunkSize?: number;
}

/** A framing: makes the decoder and the encoder of one connection. */
export type Framing = (options?: FramingOptions) => Codec;

/** The default of {@linkcode FramingOptions.chunkSize}, in bytes. */
export const DEFAULT_CHUNK_SIZE = 1024;

/**
 * The chunk limit of the options, after checking it.
 *
 * @throws {EchopipeError} `invalid-argument` if it is not from 1 to 16,777,216
 */
export function chunkLimit({ chunkSize = DEFAULT_CHUNK_SIZE }: FramingOptions = {}): number {
  return checkInteger("chunkSize", chunkSize, 1, 1 << 24);
}
