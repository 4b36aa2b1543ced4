/**
 * The runtime at hand: the one place that tells runtimes apart.
 *
 * @module
 */
import type { Transport } from "./socket.ts";
import type { Stdio, WriteError } from "./stdio.ts";

/** True on Deno; elsewhere the runtime is Node, or behaves like it. */
export const isDeno: boolean = "Deno" in globalThis;

/** The sockets of this runtime. */
export async function transport(): Promise<Transport> {
  return (isDeno ? await import("./deno/tcp.ts") : await import("./node/tcp.ts")).transport;
}

/** The standard streams of the process. */
export async function openStdio(): Promise<Stdio> {
  return (isDeno ? await import("./deno/stdio.ts") : await import("./node/stdio.ts")).stdio();
}

/** Opens standard error for writing with no thread of JavaScript held up. */
export async function openStandardError(): Promise<WriteError> {
  return (isDeno ? await import("./deno/stdio.ts") : await import("./node/stdio.ts")).writeError;
}
