/**
 * The command line of `ping`.
 *
 * @module
 */
import { MAX_MESSAGE } from "../src/probe/script.ts";
import type { CommandLine } from "./command_line.ts";
import { type Flag, integerFrom, secondsFrom } from "./flags.ts";
import { probeFlags, type ProbeValues } from "./probe_flags.ts";

/** Values of the flags of `ping`. */
export interface PingValues extends ProbeValues {
  readonly count?: number;
  readonly interval: number;
  readonly size: number;
}

/** The flags of `ping`. */
const flags: readonly Flag[] = [
  {
    flags: "-c, --count <COUNT>",
    meaning: "number of messages; without it until Ctrl-C",
    parse: integerFrom(1, 1_000_000_000),
  },
  {
    flags: "-i, --interval <SECONDS>",
    meaning: "time between two messages",
    fallback: 1,
    parse: secondsFrom(0.001, 86_400),
  },
  { flags: "-s, --size <BYTES>", meaning: "size of a message", fallback: 56, parse: integerFrom(1, MAX_MESSAGE) },
  ...probeFlags,
];

/** The command line of `ping`. */
export const pingLine: CommandLine = {
  task: "ping",
  title: "round-trip times of any echo server",
  summary: "Measures the round-trip times of an echo server, and compares every byte that comes back.",
  operands: "[HOST:PORT]",
  flags,
  notes: `
Exit status: 0 every answer was right; 1 a wrong byte, or a lost message over TCP; 2 usage; 3 unreachable, and over UDP
nothing was answered.
`,
};
