/**
 * Standard input and output as a byte source and a byte sink: the contract, met by one small file for each runtime.
 *
 * @module
 */
import type { ByteSink, ByteSource } from "../pipe/byte_streams.ts";

/** The standard streams of the process. */
export interface Stdio {
  /** Standard input. */
  readonly stdin: ByteSource;
  /** Standard output. A closed one fails with `closed`. */
  readonly stdout: ByteSink;
}

/** The standard streams on the runtime at hand. */
export async function openStdio(): Promise<Stdio> {
  const runtime = "Deno" in globalThis ? await import("./deno/stdio.ts") : await import("./node/stdio.ts");
  return runtime.stdio();
}

/** Writes to standard error, which may be a pipe that nobody reads: resolves when the system has taken all of it. */
export type WriteError = (bytes: Uint8Array) => Promise<void>;

/** How to write to standard error on the runtime at hand, with no thread of JavaScript held up. */
export async function openStandardError(): Promise<WriteError> {
  const runtime = "Deno" in globalThis ? await import("./deno/stdio.ts") : await import("./node/stdio.ts");
  return runtime.writeError;
}
