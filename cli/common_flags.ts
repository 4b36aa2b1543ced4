/**
 * The flags that several commands share.
 *
 * @module
 */
import type { Level } from "../src/service_log.ts";
import type { Parsed } from "./command_line.ts";
import { type Flag, integerFrom, someText } from "./flags.ts";
import { CommandError, Status } from "./status.ts";

/** Values of {@linkcode logFlags}. */
export interface LogValues {
  readonly logFile: string;
  readonly logTo: "file" | "console" | "both" | "none";
  readonly logFormat: "text" | "json";
  readonly logLevel: Level;
}

/** The address to listen on or to connect to. */
export function addressFlags(host: string, port: number, minPort: number, verb: string): readonly Flag[] {
  return [
    { flags: "--host <ADDRESS>", meaning: `address to ${verb}`, fallback: host, parse: addressText },
    { flags: "--port <PORT>", meaning: `port to ${verb}`, fallback: port, parse: integerFrom(minPort, 65535) },
  ];
}

/** Checks that `--unix` is not used beside `--host` or `--port`. */
export function checkUnix({ values, origin }: Parsed<{ host: string; port: number; unix?: string }>): void {
  if (values.unix === undefined) return;
  const other = (["host", "port"] as const).find((name) => origin(name) !== "default");
  if (other === undefined) return;
  throw new CommandError(Status.usage, `Cannot use --unix together with --${other}: expected one of them`);
}

/** Parses an address; the brackets around an IPv6 address (RFC 3986, 3.2.2) are dropped. */
export function addressText(text: string): string {
  return someText(text).replace(/^\[(.*:.*)\]$/, "$1");
}

/** The destination, format and level of service messages. */
export function logFlags(file: string): readonly Flag[] {
  return [
    { flags: "--log-file <FILE>", meaning: "the log file", fallback: file, parse: someText },
    {
      flags: "--log-to <WHERE>",
      meaning: "where service messages go",
      details:
        "Service messages are one line each, in the file alone unless this says otherwise; console is standard error. The file is rotated, and five are kept.",
      choices: ["file", "console", "both", "none"],
      fallback: "file",
    },
    {
      flags: "--log-format <FORMAT>",
      meaning: "format of the log",
      details: "json is one object a line, with time, level, event, message and the fields of the event.",
      choices: ["text", "json"],
      fallback: "text",
    },
    {
      flags: "--log-level <LEVEL>",
      meaning: "the lowest level that is logged",
      choices: ["info", "warn", "error"],
      fallback: "info",
    },
  ];
}

/** The flag that turns questions off. */
export const yesFlag: Flag = {
  flags: "--yes",
  meaning: "ask no questions, take the defaults",
  details:
    "Without it, questions are asked only on a terminal, and only for what neither a flag nor the environment gave.",
};
