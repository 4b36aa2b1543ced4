/**
 * Completions for zsh.
 *
 * @module
 */
import { type CommandLines, commonFacts, type FlagFacts, flagFacts } from "./flag_facts.ts";

/** A text within single quotes. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A text as a part of a specification of `_arguments`, in which brackets and colons separate. */
const plain = (text: string) => text.replaceAll(/[\\[\]:]/g, "\\$&");

function specsOf({ short, long, value, choices, isFile, repeatable, meaning }: FlagFacts): string[] {
  const action = choices.length > 0 ? `(${choices.join(" ")})` : isFile ? "_files" : " ";
  const rest = `[${plain(meaning)}]${value === undefined ? "" : `:${plain(value)}:${action}`}`;
  const assigned = value === undefined ? "" : "=";
  return [`${long}${assigned}`, ...(short === undefined ? [] : [short])]
    .map((name) => quoted(`${repeatable ? "*" : ""}${name}${rest}`));
}

function caseOf(name: string, { flags, words = [], operands = "" }: CommandLines[string]): string {
  const other = operands.includes("FILE") ? "_files" : words.length > 0 ? `(${words.join(" ")})` : undefined;
  const specs = [
    ...flags.map(flagFacts).flatMap(specsOf),
    ...commonFacts.flatMap(({ short, long, meaning }) =>
      [long, ...(short === undefined ? [] : [short])].map((flag) => quoted(`${flag}[${meaning}]`))
    ),
    ...(other === undefined ? [] : [quoted(`*:${name}:${other}`)]),
  ];
  return `    ${name})\n      _arguments -s \\\n        ${specs.join(" \\\n        ")} ;;`;
}

/** The function that has zsh complete `echopipe`. */
export function zshCompletions(lines: CommandLines): string {
  const commands = Object.entries(lines).map(([name, { title }]) => `    ${quoted(`${name}:${title}`)}`);
  return `#compdef echopipe
# Completions of echopipe for zsh, made by: echopipe completions zsh
_echopipe() {
  local -a commands=(
${commands.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe -t commands command commands
    return
  fi
  local command=\${words[2]}
  shift words
  ((CURRENT--))
  case $command in
${Object.entries(lines).map(([name, line]) => caseOf(name, line)).join("\n")}
  esac
}
if [[ \${funcstack[1]} == _echopipe ]]; then _echopipe "$@"; else compdef _echopipe echopipe; fi
`;
}
