/**
 * The way a server listens: directly, or behind a proxy.
 *
 * @module
 */
import type { Listener, ListenEvents, ListenOptions } from "../runtime/socket.ts";
import type { Limits } from "./limits.ts";

/** A function that listens. */
export type Listen = (options: ListenOptions, events: ListenEvents) => Promise<Listener>;

/** Returns the function with which a server listens, from one that takes connections as they come. */
export async function listenWith(
  listen: Listen,
  { proxyProtocol, limits }: { readonly proxyProtocol: boolean; readonly limits: Limits },
): Promise<Listen> {
  if (!proxyProtocol) return listen;
  const { behindProxy } = await import("./behind_proxy.ts");
  return behindProxy(listen, { maxPending: limits.maxConnections, timeout: limits.headerTimeout * 1000 });
}
