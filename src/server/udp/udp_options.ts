/**
 * The options of the services over UDP.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../../errors.ts";

/** Options of datagrams. */
export interface UdpOptions {
  /** Datagrams a second of one address (IPv6: one /64) that are answered, 1 to 10,000,000. Default 10,000. */
  readonly perSecond?: number;
}

/** The options of a server that do not go with datagrams, or are theirs. */
interface Related {
  readonly udp?: boolean | UdpOptions;
  readonly service?: unknown;
  readonly access?: string;
  readonly tls?: unknown;
  readonly path?: string;
  readonly proxyProtocol?: boolean;
  readonly faults?: string | readonly unknown[];
}

/**
 * The options of datagrams; undefined: none are served.
 *
 * @throws {EchopipeError} `invalid-argument` for a rate out of its range, or options that do not go with datagrams
 */
export function udpOptionsOf(options: Related): Required<UdpOptions> | undefined {
  const { udp = false, service, access = "open", tls, faults = [], path, proxyProtocol } = options;
  if (udp === false) return undefined;
  const refuse = (what: string, why: string) =>
    new EchopipeError("invalid-argument", `Cannot serve UDP with ${what}: ${why}`);
  if (typeof service === "function") throw refuse("a service of one's own", "expected one that has a name");
  if (access !== "open") throw refuse(`access "${access}"`, "datagrams cannot log in; expected access open");
  if (tls !== undefined) throw refuse("TLS", "datagrams would travel unencrypted; expected a server without TLS");
  if (path !== undefined) throw refuse("a Unix socket", "it has no port; expected host and port");
  if (proxyProtocol) {
    throw refuse("the PROXY protocol", "datagrams have no header of it; expected another server for them");
  }
  if (faults.length > 0) throw refuse("faults", "they are of streams; expected a server without faults");
  const { perSecond } = udp === true ? {} as UdpOptions : udp;
  return { perSecond: checkInteger("udp-rate", perSecond ?? 10_000, 1, 10_000_000) };
}
