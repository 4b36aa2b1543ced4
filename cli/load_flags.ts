/**
 * The command line of `load`.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import { MAX_MESSAGE, type Sizes } from "../src/probe/script.ts";
import type { CommandLine } from "./command_line.ts";
import { type Flag, integerFrom, secondsFrom, someText } from "./flags.ts";
import { type Condition, conditionOf } from "./load_fail_if.ts";
import { probeFlags, type ProbeValues } from "./probe_flags.ts";

/** Values of the flags of `load`. */
export interface LoadValues extends ProbeValues {
  readonly peers: number;
  readonly rate?: number;
  readonly inFlight?: number;
  readonly size: Sizes;
  readonly duration: number;
  readonly omit: number;
  readonly interval: number;
  readonly ramp: number;
  readonly oneWay?: boolean;
  readonly csv?: string;
  readonly hgrm?: string;
  readonly html?: string;
  readonly failIf?: readonly Condition[];
}

/** Limits of `--in-flight`, by the way messages are paced, and of all peers together. */
const MAX_IN_FLIGHT = 65_536;

/** The most messages in flight of a peer where none is given: one, or many where messages are due at times. */
export function inFlightOf({ inFlight, rate }: LoadValues): number {
  return inFlight ?? (rate === undefined ? 1 : 256);
}

/** Parses a size in bytes, or a range of them. */
function sizesFrom(text: string): Sizes {
  const [, from, to = from] = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(text) ?? [];
  const [min, max] = [Number(from), Number(to)];
  if (min >= 1 && max <= MAX_MESSAGE && min <= max) return { min, max };
  throw new InvalidArgumentError(`expected bytes from 1 to ${MAX_MESSAGE}, or a range, as 64-1024`);
}

function rateFrom(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : NaN;
  if (value >= 0.01 && value <= 1e7) return value;
  throw new InvalidArgumentError("expected messages a second, from 0.01 to 10000000");
}

const day = 86_400;

/** The flags of `load`. */
const flags: readonly Flag[] = [
  { flags: "--peers <N>", meaning: "number of connections", fallback: 1, parse: integerFrom(1, 65_536) },
  {
    flags: "--rate <PER-SECOND>",
    meaning:
      "messages a second of all peers, sent at their times, answered or not; without it each peer waits for answers",
    details:
      "Messages are due at fixed times, and a late answer counts from the time its message was due: a server that stalls cannot hide it (coordinated omission).",
    parse: rateFrom,
  },
  {
    flags: "--in-flight <N>",
    meaning: "unanswered messages a peer may have (default: 1; 256 with --rate)",
    parse: integerFrom(1, MAX_IN_FLIGHT),
  },
  {
    flags: "--size <BYTES>",
    meaning: "size of a message, or a range, as 64-1024",
    fallback: { min: 64, max: 64 },
    fallbackText: "64",
    parse: sizesFrom,
  },
  { flags: "--duration <SECONDS>", meaning: "time to measure", fallback: 10, parse: secondsFrom(0.01, 30 * day) },
  { flags: "--omit <SECONDS>", meaning: "time left out before", fallback: 0, parse: secondsFrom(0, day) },
  {
    flags: "--interval <SECONDS>",
    meaning: "time between two lines",
    details: "Each line says what was measured in that time.",
    fallback: 1,
    parse: secondsFrom(0.01, day),
  },
  {
    flags: "--ramp <SECONDS>",
    meaning: "time in which the peers connect, before --omit",
    fallback: 0,
    parse: secondsFrom(0, day),
  },
  { flags: "--one-way", meaning: "expect no answer: for a discard server" },
  { flags: "--csv <FILE>", meaning: "write a row for each interval", parse: someText },
  { flags: "--hgrm <FILE>", meaning: "write the percentiles in the format of HdrHistogram", parse: someText },
  { flags: "--html <FILE>", meaning: "write a page with pictures", parse: someText },
  {
    flags: "--fail-if <CONDITION>",
    meaning: "end with status 1 where it holds, as 'p99>5ms'; repeatable",
    repeatable: true,
    parse: conditionOf,
  },
  ...probeFlags,
];

/** The command line of `load`. */
export const loadLine: CommandLine = {
  task: "load",
  title: "load on any echo server, measured",
  summary: "Puts load on an echo server, measures it, and compares every byte that comes back.",
  operands: "[HOST:PORT]",
  flags,
  notes: `
Conditions of --fail-if: min, mean, stdev, max, p50 to p99.999 of latency, with connect_ or first_byte_ before them of
those; rate, messages, bytes, errors, mismatched.
Exit status: 0 done; 1 a wrong byte, an error (over UDP: nothing answered) or a condition that holds; 2 usage; 3
unreachable.
`,
};
