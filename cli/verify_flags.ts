/**
 * The command line of `verify`.
 *
 * @module
 */
import type { WireName } from "../src/verify/mod.ts";
import type { CommandLine } from "./command_line.ts";
import { yesFlag } from "./common_flags.ts";
import { type Flag, integerFrom, secondsFrom, someText } from "./flags.ts";

/** The flags, as values. */
export interface VerifyValues {
  readonly framing: WireName;
  readonly udp?: boolean;
  readonly strict?: boolean;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly list?: boolean;
  readonly seed: number;
  readonly timeout: number;
  readonly json?: boolean;
  readonly junit?: string;
  readonly html?: string;
  readonly expectedFailures?: string;
  readonly yes?: boolean;
}

/** The flags of `verify`. */
const flags: readonly Flag[] = [
  {
    flags: "--framing <NAME>",
    meaning: "what the server expects: bytes as they are, lines, or messages behind 4 bytes of length",
    choices: ["raw", "line", "message"],
    fallback: "raw",
  },
  { flags: "--udp", meaning: "the cases of section udp, too" },
  {
    flags: "--strict",
    meaning: "what is not as it should be, but harmless to most, is a failure",
    details:
      "Many servers close both directions together, for example: such cases have a result of their own, not-strict.",
  },
  { flags: "--tls", meaning: "speak TLS" },
  { flags: "--tls-ca <FILE>", meaning: "certificates of the authorities to trust, PEM", parse: someText },
  { flags: "--list", meaning: "list the cases, and run none" },
  {
    flags: "--seed <NUMBER>",
    meaning: "all that is random is made of it",
    details: "The same seed makes the same bytes and the same cuts again.",
    fallback: 1,
    parse: integerFrom(0, 2 ** 32 - 1),
  },
  {
    flags: "--timeout <SECONDS>",
    meaning: "limit of time to connect, and without progress",
    fallback: 5,
    parse: secondsFrom(0.001, 86_400),
  },
  { flags: "--json", meaning: "write the report as one JSON object to standard output" },
  { flags: "--junit <FILE>", meaning: "write the report as JUnit XML, too", parse: someText },
  { flags: "--html <FILE>", meaning: "write the report as a page, too", parse: someText },
  {
    flags: "--expected-failures <FILE>",
    meaning: "ids of cases that may fail, one a line; one that passes is a failure",
    parse: someText,
  },
  yesFlag,
];

/** The command line of `verify`. */
export const verifyLine: CommandLine = {
  task: "verify",
  title: "verifies any echo server",
  summary: "Verifies that a server is an exact echo server, over TCP and with --udp over UDP.",
  operands: "[HOST:PORT] [ID...]",
  words: ["reach", "bytes", "boundaries", "ending", "backpressure", "peers", "udp"],
  flags,
  notes: `
ID is the id of a case, as bytes/3 or ending/half-close, or a section: reach, bytes, boundaries, ending, backpressure,
peers, udp. Without any, all cases over TCP run, and with --udp those over UDP.

Status: 0 all passed, 1 cases failed, 2 wrong usage or no such case, 3 the server could not be reached.
`,
};
