/**
 * The transport of the runtime at hand: the one place that tells runtimes apart.
 *
 * @module
 */
import type { Transport } from "./socket.ts";

const runtime: { transport: Transport } = "Deno" in globalThis
  ? await import("./deno/tcp.ts")
  : await import("./node/tcp.ts");

/** Listens and connects on this runtime. */
export const transport: Transport = runtime.transport;
