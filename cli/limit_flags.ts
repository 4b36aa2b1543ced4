/**
 * The flags for the limits of a server.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import { messageOf } from "../src/errors.ts";
import { parseNetwork } from "../src/server/networks.ts";
import { type Flag, integerFrom } from "./flags.ts";

const seconds = integerFrom(0, 31_536_000);

/** Parses a network; what is expected comes from the error. */
function network(text: string): string {
  try {
    parseNetwork(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error).replace(/^.*: (?=expected)/, ""));
  }
}

/** The limits of a server, as {@linkcode LimitOptions} has them. */
export const limitFlags: readonly Flag[] = [
  {
    flags: "--max-connections <N>",
    meaning: "limit of connections; a further one is closed at once",
    details: "A client that is turned away is logged, and the client command exits with status 5.",
    fallback: 10_000,
    parse: integerFrom(1, 1_000_000),
  },
  {
    flags: "--max-connections-per-address <N>",
    meaning: "the same for one address, or one IPv6 /64 (default: a quarter of all, no less than 100)",
    parse: integerFrom(1, 1_000_000),
  },
  {
    flags: "--max-connection-rate <N>",
    meaning: "new connections a second from one address, ten times as many at once; 0: any number; not for loopback",
    fallback: 100,
    parse: integerFrom(0, 1_000_000),
  },
  {
    flags: "--allow <CIDR>",
    meaning: "network that may connect, such as 192.0.2.0/24; repeatable (default: all)",
    parse: network,
    repeatable: true,
  },
  {
    flags: "--deny <CIDR>",
    meaning: "network that may not connect, even where --allow names it; repeatable",
    details: "An address that neither list names may connect, unless --allow names any network.",
    parse: network,
    repeatable: true,
  },
  {
    flags: "--idle-timeout <SECONDS>",
    meaning: "time after which a connection is closed on which nothing is received or sent; 0: never",
    fallback: 0,
    parse: seconds,
  },
  {
    flags: "--header-timeout <SECONDS>",
    meaning: "time in which more of a message or line that was begun, or of a TLS handshake, has to come; 0: never",
    fallback: 30,
    parse: seconds,
  },
  {
    flags: "--write-timeout <SECONDS>",
    meaning: "time in which a client has to take some of what is sent to it; 0: never",
    fallback: 300,
    parse: seconds,
  },
  {
    flags: "--fin-timeout <SECONDS>",
    meaning: "time after which a connection is closed whose client has ended, and that is not used; 0: never",
    fallback: 120,
    parse: seconds,
  },
  {
    flags: "--min-rate <BYTES>",
    meaning: "bytes a second, over those timeouts, of a message that was begun, and of what a client takes; 0: any",
    fallback: 0,
    parse: integerFrom(0, 1_000_000_000),
  },
];
