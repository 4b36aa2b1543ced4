/**
 * The way a server listens: directly, or behind a proxy.
 *
 * @module
 */
import type { Listen } from "./behind_proxy.ts";
import type { Limits } from "./limits.ts";

/** Returns the function with which a server listens, from one that takes connections as they come. */
export async function listenWith(
  listen: Listen,
  { proxyProtocol, limits }: { readonly proxyProtocol: boolean; readonly limits: Limits },
): Promise<Listen> {
  if (!proxyProtocol) return listen;
  const { behindProxy } = await import("./behind_proxy.ts");
  return behindProxy(listen, { maxPending: limits.maxConnections, timeout: limits.headerTimeout * 1000 });
}
