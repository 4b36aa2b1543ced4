/**
 * Standard input and output as a byte source and a byte sink: the contract, implemented once for each runtime.
 *
 * @module
 */
import type { ByteSink, ByteSource } from "../pipe/bytes.ts";

/** The standard streams of the process. */
export interface Stdio {
  /** Standard input. */
  readonly stdin: ByteSource;
  /** Standard output. Writing fails with `reset` or `closed` once its reader has left. */
  readonly stdout: ByteSink;
}

/**
 * Writes to standard error; resolves when the system has accepted all bytes, which may be never in a pipe that nobody
 * reads.
 */
export type WriteError = (bytes: Uint8Array) => Promise<void>;
