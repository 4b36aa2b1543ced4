/**
 * The page of all flags, docs/flags.md.
 *
 * @module
 */
import { type CommandLines, type FlagFacts, flagFacts } from "./flag_facts.ts";

const code = (text: string) => `\`${text}\``;

/** A text in which a placeholder, a star or an underscore is nothing but itself. */
const plain = (text: string) => text.replaceAll(/[<>*_\\[\]]/g, "\\$&");

function flagSection(command: string, facts: FlagFacts): string {
  const { short, long, value, choices, fallback, repeatable, variable, meaning, details } = facts;
  const written = [...(short === undefined ? [] : [short]), long].map((name) =>
    code(value === undefined ? name : `${name} ${value}`)
  );
  const rest = [
    ...(choices.length === 0 ? [] : [`One of ${choices.map(code).join(", ")}.`]),
    ...(fallback === undefined ? [] : [`Default: ${code(fallback)}.`]),
    ...(repeatable ? ["Repeatable, or separated by commas in the environment."] : []),
    `Environment: ${code(variable)}.`,
  ];
  const text = `${written.join(", ")}: ${plain(meaning)}.\n${rest.join(" ")}`;
  return `### ${command} ${long}\n\n${text}\n${details === undefined ? "" : `\n${plain(details)}\n`}`;
}

function commandSection([command, line]: [string, CommandLines[string]]): string {
  const { task, summary, operands, flags, notes } = line;
  const usage = operands === undefined ? "[options]" : `[options] ${operands}`;
  return [
    `## echopipe ${command}`,
    `${plain(summary)} In this folder: ${code(`deno task ${task}`)}.`,
    `\`\`\`text\nechopipe ${command} ${usage}\n${notes === undefined ? "" : `\n${notes.trim()}\n`}\`\`\``,
    ...(flags.length === 0 ? ["No flags of its own.\n"] : flags.map((flag) => flagSection(command, flagFacts(flag)))),
  ].join("\n\n").replaceAll(/\n{3,}/g, "\n\n");
}

/** The page of all flags. */
export function flagsPage(lines: CommandLines): string {
  return `# Flags

All flags of all commands. This page is made by \`deno task man\` of the definitions in [cli](../cli), as are the man page
([echopipe.1](echopipe.1)), \`--help\` and the completions for shells.

Every flag is also read from the environment, under the name that stands with it. A flag wins over the environment, the
environment over a question, a question over the default. A switch takes \`1\` or \`0\` there. Every command has \`--help\`
(\`-h\`) and \`--version\`.

${Object.entries(lines).map(commandSection).join("\n")}`;
}
