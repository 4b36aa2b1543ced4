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
export type Encoder = Stage<Chunk, Uint8Array<ArrayBuffer>> & ChunkCount;

/**
 * Decoder and encoder of one connection: `T` is an item of the protocol, such as a line or a frame. Both hold the state of
 * one stream: make a codec for each connection.
 */
export interface Codec<T> {
  /** Decodes the bytes from the peer. */
  readonly decoder: Stage<Uint8Array, T>;
  /** Encodes the items to the peer. */
  readonly encoder: Stage<T, Uint8Array<ArrayBuffer>>;
}

/** A codec of {@linkcode Chunk}s: messages of any length, in pieces. */
export interface ChunkCodec extends Codec<Chunk> {
  /** Decodes the bytes from the peer. */
  readonly decoder: Decoder;
  /** Encodes the chunks to the peer. */
  readonly encoder: Encoder;
}

/** Options of every framing of chunks. */
export interface FramingOptions {
  /** The largest chunk a handler sees, in bytes: 1 to 16,777,216. Default 1024. */
  readonly chunkSize?: number;
}

/** A framing of chunks: makes the decoder and the encoder of one connection. */
export type Framing = (options?: FramingOptions) => ChunkCodec;

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
