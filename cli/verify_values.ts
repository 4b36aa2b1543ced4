/**
 * The flags of `deno task verify`, and their values.
 *
 * @module
 */
import type { WireName } from "../src/verify/mod.ts";
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

/** The flags. */
export const verifyFlags: readonly Flag[] = [
  {
    flags: "--framing <NAME>",
    meaning: "what the server expects: bytes as they are, lines, or messages behind 4 bytes of length",
    choices: ["raw", "line", "message"],
    fallback: "raw",
  },
  { flags: "--udp", meaning: "the cases of section udp, too" },
  { flags: "--strict", meaning: "what is not as it should be, but harmless to most, is a failure" },
  { flags: "--tls", meaning: "speak TLS" },
  { flags: "--tls-ca <FILE>", meaning: "certificates of the authorities to trust, PEM", parse: someText },
  { flags: "--list", meaning: "list the cases, and run none" },
  {
    flags: "--seed <NUMBER>",
    meaning: "all that is random is made of it",
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
