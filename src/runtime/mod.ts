/**
 * The sockets and standard streams of this runtime, and the only place that detects which runtime it is.
 *
 * @module
 */
import type { Transport } from "./socket.ts";
import type { Stdio, WriteError } from "./stdio.ts";

/** True on Deno; else the runtime is Node, or compatible with it. */
export const isDeno: boolean = "Deno" in globalThis;

/** The sockets of this runtime. */
export async function transport(): Promise<Transport> {
  return (isDeno ? await import("./deno/tcp.ts") : await import("./node/tcp.ts")).transport;
}

/** The standard streams of the process. */
export async function openStdio(): Promise<Stdio> {
  return (isDeno ? await import("./deno/stdio.ts") : await import("./node/stdio.ts")).stdio();
}

/** Opens standard error for writes that do not block the thread. */
export async function openStandardError(): Promise<WriteError> {
  return (isDeno ? await import("./deno/stdio.ts") : await import("./node/stdio.ts")).writeError;
}
