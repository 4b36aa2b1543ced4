/**
 * The command line, by commander; each flag is also read from the environment.
 *
 * @module
 */
import process from "node:process";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { messageOf } from "../src/errors.ts";
import { printError } from "./command.ts";
import { typedCommand } from "./command_name.ts";
import { environmentName, isOn, nearestTo, unknownVariables } from "./environment.ts";
import type { Flag } from "./flags.ts";
import { CommandError, Status } from "./status.ts";
import { VERSION } from "./version.ts";

/** The origin of a value. */
export type Origin = "flag" | "environment" | "default";

/** The result of a command line and the environment. */
export interface Parsed<T> {
  readonly values: T;
  readonly operands: readonly string[];
  /** The origin of a flag's value, by its property name. */
  origin(name: keyof T & string): Origin;
}

/** The description of a command. */
export interface CommandLine {
  /** The task: `chat:server`, which the npm package has as `echopipe chat-server`. */
  readonly task: string;
  /** The command in a few words, as the list of all commands has it. */
  readonly title: string;
  /** The command in a sentence, as its help has it. */
  readonly summary: string;
  /** Operands, as commander writes them, separated by spaces: `[FILE]`. */
  readonly operands?: string;
  /** Words that are known as operands: for completions. */
  readonly words?: readonly string[];
  readonly flags: readonly Flag[];
  /** Text below the list of flags. */
  readonly notes?: string;
}

/**
 * Reads a command line and the environment: a flag wins over `ECHOPIPE_` and its name in capitals, which wins over the
 * default. `--help` and `--version` print and end the process. A variable that looks like a misspelt flag is reported on
 * standard error.
 *
 * @throws {CommandError} status 2, with what was wrong and what was expected
 */
export function parseCommandLine<T>(line: CommandLine, args: readonly string[]): Parsed<T> {
  const options = line.flags.map(toOption);
  const name = typedCommand(line.task);
  const command = new Command(name)
    .description(line.summary)
    .version(`echopipe ${VERSION}`, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .configureHelp({ helpWidth: 100 })
    .configureOutput({ writeErr: () => {} })
    .exitOverride()
    .addHelpText(
      "after",
      `\nEach flag is also read from the environment, as ECHOPIPE_ and its name in capitals.\n${line.notes ?? ""}`,
    );
  for (const option of options) command.addOption(option);
  for (const operand of line.operands?.split(" ") ?? []) command.argument(operand);
  const names = options.map(({ long }) => long!);
  const fromEnvironment = new Set<string>();
  try {
    command.parse(args, { from: "user" });
    options.forEach((option, i) => {
      const property = option.attributeName();
      if (command.getOptionValueSource(property) === "cli") return;
      const value = environmentValue(line.flags[i], option);
      if (value === undefined) return;
      command.setOptionValueWithSource(property, value, "env");
      fromEnvironment.add(property);
    });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) process.exit(Status.done);
    const found = error instanceof CommanderError ? commandLineProblem(error, command, args, names) : messageOf(error);
    throw new CommandError(Status.usage, `${found} (see ${name} --help)`, error);
  }
  for (const { found, similar } of unknownVariables(names)) {
    printError(`Unknown environment variable ${found}; did you mean ${similar}?`);
  }
  return {
    values: command.opts() as T,
    operands: command.args,
    origin: (name) =>
      fromEnvironment.has(name) ? "environment" : command.getOptionValueSource(name) === "cli" ? "flag" : "default",
  };
}

function toOption(flag: Flag): Option {
  const option = new Option(flag.flags, flag.meaning);
  if (flag.fallback !== undefined) option.default(flag.fallback, flag.fallbackText);
  if (flag.choices) option.choices(flag.choices);
  if (flag.parse || flag.choices || flag.repeatable) {
    option.argParser((text: string, before: unknown) => {
      const value = valueOf(flag, option.long!, text);
      return flag.repeatable ? [...(before as unknown[] ?? []), value] : value;
    });
  }
  return option;
}

/** The value of a flag from its environment variable; undefined where that is not set, or empty. */
function environmentValue(flag: Flag, option: Option): unknown {
  const variable = environmentName(option.long!);
  const text = process.env[variable];
  if (text === undefined || text === "") return undefined;
  if (option.isBoolean()) return valueOf({ ...flag, parse: isOn }, variable, text) !== option.negate;
  if (flag.repeatable) return text.split(",").map((part) => valueOf(flag, variable, part));
  return valueOf(flag, variable, text);
}

/** Converts the text of a value that `source`, a flag or a variable, gave. */
function valueOf({ parse, choices }: Flag, source: string, text: string): unknown {
  try {
    if (choices && !choices.includes(text)) throw new InvalidArgumentError(`expected one of ${choices.join(", ")}`);
    return parse ? parse(text) : text;
  } catch (error) {
    throw new CommandError(Status.usage, `Cannot use ${source} "${text}": ${messageOf(error)}`, error);
  }
}

/** The message for a wrong command line; values have their own. */
function commandLineProblem(
  error: CommanderError,
  command: Command,
  args: readonly string[],
  names: readonly string[],
): string {
  switch (error.code) {
    case "commander.optionMissingArgument": // only the last word can lack its value
      return `Cannot use "${args.at(-1)}" alone: expected a value`;
    case "commander.unknownOption": {
      const [unknown] = command.parseOptions([...args]).unknown;
      const similar = nearestTo(unknown, names);
      return `Cannot use "${unknown}": there is no such flag` +
        (similar === undefined ? "" : `; did you mean ${similar}?`);
    }
    case "commander.excessArguments": {
      const max = command.registeredArguments.length;
      return `Too many arguments: "${command.args[max]}"; expected ${max === 0 ? "flags only" : `at most ${max}`}`;
    }
    default:
      return error.message.replace(/^error: /, "");
  }
}
