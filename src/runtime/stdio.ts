/**
 * Standard input and output as a byte source and a byte sink: the contract, met by one small file for each runtime.
 *
 * @module
 */
import type { ByteSink, ByteSource } from "../pipe/bytes.ts";

/** The standard streams of the process. */
export interface Stdio {
  /** Standard input. */
  readonly stdin: ByteSource;
  /** Standard output. A closed one fails with `closed`. */
  readonly stdout: ByteSink;
}

/** Writes to standard error, which may be a pipe that nobody reads: resolves when the system has taken all of it. */
export type WriteError = (bytes: Uint8Array) => Promise<void>;
