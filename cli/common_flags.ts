/**
 * The flags that several commands share.
 *
 * @module
 */
import { type Flag, integerFrom, someText } from "./flags.ts";

/** Values of {@linkcode logFlags}. */
export interface LogValues {
  readonly logFile: string;
  readonly logTo: "file" | "console" | "both" | "none";
  readonly logFormat: "text" | "json";
}

/** The address to listen on or to connect to. */
export function addressFlags(host: string, port: number, least: number, verb: string): readonly Flag[] {
  return [
    { flags: "--host <ADDRESS>", meaning: `address to ${verb}`, fallback: host, parse: addressText },
    { flags: "--port <PORT>", meaning: `port to ${verb}`, fallback: port, parse: integerFrom(least, 65535) },
  ];
}

/** An address; the brackets that an IPv6 one has before a port are no part of it (RFC 3986, 3.2.2). */
export function addressText(text: string): string {
  return someText(text).replace(/^\[(.*:.*)\]$/, "$1");
}

/** Where service messages go. */
export function logFlags(file: string): readonly Flag[] {
  return [
    { flags: "--log-file <FILE>", meaning: "the log file", fallback: file, parse: someText },
    {
      flags: "--log-to <WHERE>",
      meaning: "where service messages go",
      choices: ["file", "console", "both", "none"],
      fallback: "file",
    },
    { flags: "--log-format <FORMAT>", meaning: "how they are written", choices: ["text", "json"], fallback: "text" },
  ];
}

/** No questions. */
export const yesFlag: Flag = { flags: "--yes", meaning: "ask nothing, take defaults" };
