/**
 * Flags and their environment variables, on commander.
 *
 * @module
 */
import process from "node:process";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { messageOf } from "../src/errors.ts";
import { CommandError, Status } from "./status.ts";
import { VERSION } from "./version.ts";

/** A flag: how it is written, what it means, what its values are. */
export interface Flag {
  /** As commander writes it: `--port <PORT>`, or `--yes` for a switch. */
  readonly flags: string;
  readonly meaning: string;
  readonly fallback?: unknown;
  /** What the value means; throws what is wrong with it. */
  readonly parse?: (text: string) => unknown;
  readonly choices?: readonly string[];
  /** May be given several times; the environment variable separates its values by commas. */
  readonly repeatable?: boolean;
}

/** Where a value came from. */
export type Origin = "flag" | "environment" | "default";

/** What a command line and the environment came to. */
export interface Parsed<T> {
  readonly values: T;
  readonly operands: readonly string[];
  /** Where the value of a flag, by its property name, came from. */
  origin(name: keyof T & string): Origin;
}

/** How a command is described. */
export interface CommandLine {
  readonly name: string;
  readonly summary: string;
  /** Operands, as commander writes them: `[FILE]`. */
  readonly operands?: string;
  readonly flags: readonly Flag[];
  /** Text below the list of flags. */
  readonly notes?: string;
}

/** A parser for whole numbers from `least` to `most`, and for one `word` that stands for one. */
export function integerFrom(least: number, most: number): (text: string) => number;
export function integerFrom<T extends string>(least: number, most: number, word: T): (text: string) => number | T;
export function integerFrom(least: number, most: number, word?: string): (text: string) => number | string {
  return (text) => {
    if (text === word) return word;
    const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    const alternative = word === undefined ? "" : `, or ${word}`;
    throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}${alternative}.`);
  };
}

/** A parser for numbers of seconds from `least` to `most`. */
export function secondsFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a number of seconds from ${least} to ${most}.`);
  };
}

/** A parser for texts that must not be empty. */
export function someText(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It must not be empty.");
  return text;
}

/**
 * Reads a command line and the environment: a flag wins over `ECHOPIPE_` and its name in capitals, which wins over the
 * default. `--help` and `--version` print and end the process.
 *
 * @throws {CommandError} status 2, with what was wrong and what was expected
 */
export function parseCommandLine<T>(line: CommandLine, args: readonly string[]): Parsed<T> {
  const options = line.flags.map(toOption);
  const repeatable = new Set(options.filter((_, i) => line.flags[i].repeatable));
  const command = new Command(line.name)
    .description(line.summary)
    .version(`echopipe ${VERSION}`, "--version", "print the version")
    .helpOption("--help", "print this help")
    .configureHelp({ helpWidth: 100 })
    .configureOutput({ writeErr: () => {} })
    .exitOverride()
    .addHelpText(
      "after",
      `\nEach flag is also read from the environment, as ECHOPIPE_ and its name in capitals.\n${line.notes ?? ""}`,
    );
  for (const option of options) command.addOption(option);
  if (line.operands) command.argument(line.operands);
  const fromEnvironment = new Set<string>();
  try {
    command.parse(args, { from: "user" });
    for (const option of options) {
      if (command.getOptionValueSource(option.attributeName()) === "cli") continue;
      if (readEnvironment(command, option, repeatable.has(option))) fromEnvironment.add(option.attributeName());
    }
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) process.exit(Status.done);
    throw new CommandError(Status.usage, usageText(line.name, messageOf(error)), error);
  }
  return {
    values: command.opts() as T,
    operands: command.args,
    origin: (name) =>
      fromEnvironment.has(name) ? "environment" : command.getOptionValueSource(name) === "cli" ? "flag" : "default",
  };
}

/** The environment variable of a flag. */
export function environmentName(flag: string): string {
  return `ECHOPIPE_${flag.replace(/^--/, "").replaceAll("-", "_").toUpperCase()}`;
}

function toOption({ flags, meaning, fallback, parse, choices, repeatable }: Flag): Option {
  const option = new Option(flags, meaning);
  if (fallback !== undefined) option.default(fallback);
  if (choices) option.choices(choices);
  if (repeatable) {
    option.argParser((text: string, before: unknown) => [...(before as unknown[] ?? []), parse ? parse(text) : text]);
  } else if (parse) option.argParser(parse as (text: string, before: unknown) => unknown);
  return option;
}

/** Takes an option from the environment, if it is there and not empty. */
function readEnvironment(command: Command, option: Option, repeatable: boolean): boolean {
  const variable = environmentName(option.long!);
  const text = process.env[variable];
  if (text === undefined || text === "") return false;
  const parse = option.parseArg as ((text: string, before: unknown) => unknown) | undefined;
  try {
    let value: unknown = text;
    if (option.isBoolean()) value = onOrOff(text) !== option.negate;
    else if (parse) {
      value = (repeatable ? text.split(",") : [text]).reduce<unknown>((before, one) => parse(one, before), undefined);
    }
    command.setOptionValueWithSource(option.attributeName(), value, "env");
    return true;
  } catch (error) {
    throw new InvalidArgumentError(`Cannot use ${variable} "${text}": ${messageOf(error)}`);
  }
}

function onOrOff(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new InvalidArgumentError("Expected 1 or 0.");
}

/** Commander's words, in the form of this project's errors. */
function usageText(name: string, message: string): string {
  const text = message
    .replace(/^error: /, "")
    .replace(/^option '(--[\w-]+)[^']*' argument '(.*)' is invalid\. /s, 'Cannot use $1 "$2": ')
    .replace(/": ([A-Z])/, (found) => found.toLowerCase())
    .replace(/^option '(.*)' argument missing/s, 'Cannot use "$1" alone: expected a value')
    .replace(/^unknown option '(.*)'/s, 'Cannot use "$1": there is no such flag')
    .replace(/^too many arguments.*/s, "Cannot use so many operands");
  return `${text.trim().replace(/\.$/, "").replace(/\s*\n\s*/g, " ")} (see ${name} --help)`;
}
