/**
 * What a framing is.
 *
 * @module
 */
import { wholeNumber } from "../errors.ts";
import type { Stage } from "../stage/stage.ts";
import type { Portion } from "./portion.ts";

/** How many portions passed so far: kept by decoders and encoders, where it costs no stage of its own. */
export interface PortionCount {
  /** Portions that passed so far. */
  readonly portions: number;
}

/** Bytes to portions. */
export type Decoder = Stage<Uint8Array, Portion> & PortionCount;
/** Portions to bytes. */
export type Encoder = Stage<Portion, Uint8Array> & PortionCount;

/** The two directions of one connection. */
export interface Codec {
  /** What the peer sends, in portions. */
  readonly decoder: Decoder;
  /** What is sent to the peer, from portions. */
  readonly encoder: Encoder;
}

/** What every framing can be told. */
export interface FramingOptions {
  /** The largest portion a handler sees, in bytes: 1 to 16,777,216. Default 1024. */
  readonly portion?: number;
}

/** A framing: makes the decoder and the encoder of one connection. */
export type Framing = (options?: FramingOptions) => Codec;

/** The default of {@linkcode FramingOptions.portion}, in bytes. */
export const DEFAULT_PORTION = 1024;

/**
 * The portion limit that options ask for.
 *
 * @throws {EchopipeError} `invalid-argument` if it is not from 1 to 16,777,216
 */
export function portionLimit({ portion = DEFAULT_PORTION }: FramingOptions = {}): number {
  return wholeNumber("portion", portion, 1, 1 << 24);
}
