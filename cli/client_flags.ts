/**
 * The command line of `client`.
 *
 * @module
 */
import type { CommandLine } from "./command_line.ts";
import { addressFlags, logFlags, yesFlag } from "./common_flags.ts";
import { type Flag, secondsFrom, someText } from "./flags.ts";

/** The flags of the client. */
const flags: readonly Flag[] = [
  ...addressFlags("127.0.0.1", 9090, 1, "connect to"),
  { flags: "--unix <PATH>", meaning: "Unix socket to connect to, instead of host and port", parse: someText },
  {
    flags: "--framing <NAME>",
    meaning: "how messages are delimited",
    details: "The framing of the server has to be the same, or auto.",
    choices: ["message", "line", "raw"],
    fallback: "message",
  },
  { flags: "--tls", meaning: "speak TLS" },
  {
    flags: "--tls-ca <FILE>",
    meaning: "certificates of the authorities to trust, PEM; on Deno besides its own",
    parse: someText,
  },
  { flags: "--name <NAME>", meaning: "name to log in with", parse: someText },
  {
    flags: "--password-file <FILE>",
    meaning: "file with the password",
    details: "The first line of the file. A password is never a flag, since others on the machine could see it.",
    parse: someText,
  },
  {
    flags: "--session-file <FILE>",
    meaning: "file of the sessions, by server",
    details:
      "A token takes the place of the password until it expires. The file is readable for its owner only (mode 0600).",
    fallback: "sessions.json",
    parse: someText,
  },
  { flags: "--no-session", meaning: "neither use nor keep a session" },
  { flags: "--logout", meaning: "end the session with the server: its token is revoked" },
  {
    flags: "--output <FILE>",
    meaning: "write the echo to a file; -: standard output, where binary data is not written to a terminal unasked",
    details: "The file is complete or not there: it is written under another name, and renamed at the end.",
    parse: someText,
  },
  {
    flags: "--timeout <SECONDS>",
    meaning: "time to connect, and in bulk without progress",
    fallback: 30,
    parse: secondsFrom(0.001, 86_400),
  },
  { flags: "-4, --ipv4", meaning: "connect over IPv4 only" },
  { flags: "-6, --ipv6", meaning: "connect over IPv6 only" },
  { flags: "--no-progress", meaning: "no progress bar" },
  { flags: "--quiet", meaning: "no progress bar and no summary" },
  ...logFlags("logs/client.log"),
  yesFlag,
];

/** The command line of the client. */
export const clientLine: CommandLine = {
  task: "client",
  title: "talks to an echo server, or sends a file through it",
  summary:
    "Talks to an echo server line by line on a terminal; with FILE, - (standard input) or input from a pipe, sends all of it and writes the echo.",
  operands: "[FILE]",
  flags,
};
