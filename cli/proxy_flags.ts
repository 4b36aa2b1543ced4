/**
 * The server's flags for proxies in front of it, and for those who look after it.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import type { Flag } from "./flags.ts";

/** The values of {@linkcode proxyFlags}. */
export interface ProxyValues {
  proxyProtocol?: boolean;
  metrics?: { readonly host: string; readonly port: number };
}

/** The flags of proxies and metrics. */
export const proxyFlags: readonly Flag[] = [
  {
    flags: "--proxy-protocol",
    meaning: "every connection begins with a PROXY protocol header, version 1 or 2, as HAProxy's send-proxy sends it",
  },
  {
    flags: "--metrics <HOST:PORT>",
    meaning: "serve figures for Prometheus at /metrics, and /healthz; :PORT is 127.0.0.1",
    parse: parseMetricsAddress,
  },
];

/** Parses `HOST:PORT`, `[IPv6]:PORT`, `:PORT` or `PORT`. */
function parseMetricsAddress(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([^\[\]]+)\]|([^:\[\]]*)):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new InvalidArgumentError("expected an address and a port such as 127.0.0.1:9100 or [::1]:9100");
  }
  return { host: match[1] || match[2] || "127.0.0.1", port };
}
