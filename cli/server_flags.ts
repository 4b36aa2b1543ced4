/**
 * The command line of `server`.
 *
 * @module
 */
import type { FramingName } from "../src/server/options.ts";
import { clusterFlags, type ClusterValues } from "./cluster_flags.ts";
import type { CommandLine } from "./command_line.ts";
import { addressFlags, logFlags, type LogValues, yesFlag } from "./common_flags.ts";
import { familyFlags, type FamilyValues } from "./family_flags.ts";
import { type Flag, integerFrom, someText } from "./flags.ts";
import { limitFlags } from "./limit_flags.ts";
import { proxyFlags, type ProxyValues } from "./proxy_flags.ts";

/** Values of `--framing`. */
export const framings: readonly FramingName[] = ["auto", "message", "line", "raw"];
/** Values of `--access`. */
export const accessModes = ["open", "identify", "password"] as const;
/** Values of `--service`. */
export const services = ["echo", "chat", "discard", "chargen", "daytime"] as const;

/** The values of the server's flags. */
export interface ServerValues extends LogValues, FamilyValues, ClusterValues, ProxyValues {
  host: string;
  port: number;
  unix?: string;
  strictPort?: boolean;
  framing: FramingName;
  service: typeof services[number];
  access: typeof accessModes[number];
  admin?: string[];
  allowStop?: "loopback" | "admins" | "none";
  users: string;
  registration: "open" | "closed";
  loginTimeout: number;
  insecurePlaintext?: boolean;
  chunkSize: number;
  workers: number | "auto";
  maxConnections: number;
  maxConnectionsPerAddress?: number;
  maxConnectionRate: number;
  allow?: string[];
  deny?: string[];
  idleTimeout: number;
  headerTimeout: number;
  writeTimeout: number;
  finTimeout: number;
  minRate: number;
  tlsCert?: string;
  tlsKey?: string;
  configure?: boolean;
  yes?: boolean;
}

/** The flags of the server. */
const flags: readonly Flag[] = [
  ...addressFlags("127.0.0.1", 9090, 0, "listen on"),
  {
    flags: "--unix <PATH>",
    meaning: "Unix socket to listen on, instead of host and port; removed at the end, a stale one is replaced",
    parse: someText,
  },
  { flags: "--strict-port", meaning: "a port in use is an error, instead of moving on to the next free one" },
  {
    flags: "--framing <NAME>",
    meaning: "how messages are delimited",
    details:
      "auto decides by the first byte of a client: 0x00 or 0x80 is message, any other is line. message is 4 bytes of length before each message, line is text with exit and stop as commands, raw is bytes without commands (RFC 862).",
    choices: framings,
    fallback: "auto",
  },
  {
    flags: "--service <NAME>",
    meaning: "service to run",
    details:
      "echo returns what it receives; chat is a room for all clients; discard (RFC 863), chargen (RFC 864) and daytime (RFC 867) are the other classic services.",
    choices: services,
    fallback: "echo",
  },
  ...familyFlags,
  {
    flags: "--access <WHO>",
    meaning: "who may use the server",
    details:
      "identify asks clients for a name, and knows them by their address afterwards; password asks for name and password, or takes the token of a session.",
    choices: accessModes,
    fallback: "open",
  },
  {
    flags: "--admin <NAME>",
    meaning: "user that may send stop under --access password; repeatable",
    parse: someText,
    repeatable: true,
  },
  {
    flags: "--allow-stop <WHO>",
    meaning: "clients that may send stop (default: admins under --access password, else loopback)",
    choices: ["loopback", "admins", "none"],
  },
  {
    flags: "--users <FILE>",
    meaning: "file of the users: names, addresses, password hashes, session digests",
    fallback: "users.json",
    parse: someText,
  },
  {
    flags: "--registration <MODE>",
    meaning: "open: new users may register under --access password",
    details: "closed: only the command users adds users.",
    choices: ["open", "closed"],
    fallback: "open",
  },
  {
    flags: "--login-timeout <SECONDS>",
    meaning: "time for each answer of a login",
    fallback: 120,
    parse: integerFrom(1, 3600),
  },
  {
    flags: "--insecure-plaintext",
    meaning: "allow passwords over a network without TLS",
    details:
      "Without it, --access password is refused on an address that is not loopback, unless the server has a certificate.",
  },
  {
    flags: "--chunk-size <BYTES>",
    meaning: "largest chunk that is handled at once",
    fallback: 1024,
    parse: integerFrom(1, 1 << 24),
  },
  {
    flags: "--workers <N>",
    meaning: "threads that share the port, 1 to 64; auto: as many as there are cores",
    details:
      "A worker has no part in the others: limits for an address hold for each of them. On two cores it wins little.",
    fallback: 1,
    parse: integerFrom(1, 64, "auto"),
  },
  ...limitFlags,
  ...proxyFlags,
  {
    flags: "--tls-cert <FILE>",
    meaning: "certificate chain, PEM; serves TLS",
    details: "A SIGHUP has the server read certificate and key again, without an end of connections.",
    parse: someText,
  },
  { flags: "--tls-key <FILE>", meaning: "private key of the certificate, PEM", parse: someText },
  ...clusterFlags,
  ...logFlags("logs/server.log"),
  { flags: "--configure", meaning: "ask for framing, access and service, too" },
  yesFlag,
];

/** The command line of the server. */
export const serverLine: CommandLine = {
  task: "server",
  title: "an echo server",
  summary: "An echo server.",
  flags,
};
