/**
 * Completions for fish.
 *
 * @module
 */
import { type CommandLines, commonFacts, type FlagFacts, flagFacts } from "./flag_facts.ts";

/** A text within single quotes. */
const quoted = (text: string) => `'${text.replaceAll(/[\\']/g, "\\$&")}'`;

function lineOf(condition: string, facts: Pick<FlagFacts, "short" | "long" | "meaning"> & Partial<FlagFacts>): string {
  const { short, long, meaning, value, choices = [], isFile = false } = facts;
  return [
    condition,
    `-l ${long.slice(2)}`,
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    ...(value === undefined ? [] : [isFile ? "-r -F" : "-x"]),
    ...(choices.length === 0 ? [] : [`-a ${quoted(choices.join(" "))}`]),
    `-d ${quoted(meaning)}`,
  ].join(" ");
}

/** The script that has fish complete `echopipe`. */
export function fishCompletions(lines: CommandLines): string {
  const commands = Object.entries(lines).flatMap(([name, { title, flags, words = [], operands = "" }]) => {
    const condition = `complete -c echopipe -n '__echopipe_is ${name}'`;
    return [
      `complete -c echopipe -n '__echopipe_is ""' -a ${name} -d ${quoted(title)}`,
      ...[...flags.map(flagFacts), ...commonFacts].map((facts) => lineOf(condition, facts)),
      ...(words.length > 0 ? [`${condition} -a ${quoted(words.join(" "))}`] : []),
      ...(operands.includes("FILE") ? [`${condition} -F`] : []),
    ];
  });
  return `# Completions of echopipe for fish, made by: echopipe completions fish
function __echopipe_is
    set -l typed (commandline -opc)
    test "$typed[2]" = "$argv[1]"
end
complete -c echopipe -f
${commands.join("\n")}
`;
}
