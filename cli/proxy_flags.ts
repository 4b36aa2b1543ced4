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
    details:
      "The client's address is then the one of the log, of the limits for each address, of --allow and --deny and of logins. A connection without a header is closed and logged. stop is not taken from loopback. Not with --udp, and with TLS on Node only.",
  },
  {
    flags: "--metrics <HOST:PORT>",
    meaning: "serve figures for Prometheus at /metrics, and /healthz; :PORT is 127.0.0.1",
    details:
      "Over HTTP, without a password: not for a network that is not yours. /healthz is 503 while the server starts or drains. Port 0 is any free one, which the log has; a port in use is status 7.",
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
