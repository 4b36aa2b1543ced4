/**
 * A flag, as texts about it need it.
 *
 * @module
 */
import type { CommandLine } from "../command_line.ts";
import { environmentName } from "../environment.ts";
import type { Flag } from "../flags.ts";

/** Command lines, by the names of their commands. */
export type CommandLines = Readonly<Record<string, CommandLine>>;

/** The facts of a flag. */
export interface FlagFacts {
  /** With its dash: `-c`; undefined: it has none. */
  readonly short?: string;
  /** With its dashes: `--count`. */
  readonly long: string;
  /** The placeholder of its value; undefined: it is a switch. */
  readonly value?: string;
  /** The value is a path. */
  readonly isFile: boolean;
  readonly choices: readonly string[];
  /** The default as it is shown; undefined: there is none. */
  readonly fallback?: string;
  readonly repeatable: boolean;
  /** The environment variable. */
  readonly variable: string;
  readonly meaning: string;
  readonly details?: string;
}

/** The facts of a flag. */
export function flagFacts(flag: Flag): FlagFacts {
  const [, short, long, value] = /^(?:(-\w), )?(--[\w-]+)(?: <(.+)>)?$/.exec(flag.flags)!;
  return {
    short,
    long,
    value,
    isFile: value === "FILE" || value === "PATH",
    choices: flag.choices ?? [],
    fallback: flag.fallbackText ?? (flag.fallback === undefined ? undefined : String(flag.fallback)),
    repeatable: flag.repeatable ?? false,
    variable: environmentName(long),
    meaning: flag.meaning,
    details: flag.details,
  };
}

/** `--help` and `--version`, which every command has and which are not read from the environment. */
export const commonFacts: readonly Pick<FlagFacts, "short" | "long" | "meaning">[] = [
  { short: "-h", long: "--help", meaning: "print the help" },
  { long: "--version", meaning: "print the version" },
];
