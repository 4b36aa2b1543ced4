/**
 * Completions for bash.
 *
 * @module
 */
import { type CommandLines, commonFacts, type FlagFacts, flagFacts } from "./flag_facts.ts";

const words = (list: readonly string[]) => `COMPREPLY=($(compgen -W '${list.join(" ")}' -- "$word"))`;

const anyFile = "compopt -o default 2>/dev/null";

/** What completes the value of a flag. */
function replyFor({ choices, isFile }: FlagFacts): string {
  return choices.length > 0 ? words(choices) : isFile ? anyFile : ":";
}

/** The cases of one command: values of its flags, then its flags and operands. */
function casesOf(name: string, { flags, words: known = [], operands = "" }: CommandLines[string]): string {
  const facts = flags.map(flagFacts);
  const values = Map.groupBy(facts.filter(({ value }) => value !== undefined), replyFor);
  const cases = Array.from(values, ([reply, group]) => {
    const names = group.flatMap(({ short, long }) => short === undefined ? [long] : [short, long]);
    return `    ${names.map((flag) => `${name}:${flag}`).join(" | ")}) ${reply} ;;`;
  });
  const names = [...facts, ...commonFacts].map(({ long }) => long);
  const operand = operands.includes("FILE") ? anyFile : words(known);
  return [
    ...cases,
    `    ${name}:*) if [[ $word == -* ]]; then ${words(names)}; else ${operand}; fi ;;`,
  ].join("\n");
}

/** The script that has bash complete `echopipe`. */
export function bashCompletions(lines: CommandLines): string {
  const names = [...Object.keys(lines), ...commonFacts.map(({ long }) => long)];
  return `# Completions of echopipe for bash, made by: echopipe completions bash
_echopipe() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  # --flag=value is three words for bash.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD == 1)); then
    ${words(names)}
    return
  fi
  case \${COMP_WORDS[1]}:$before in
${Object.entries(lines).map(([name, line]) => casesOf(name, line)).join("\n")}
  esac
}
complete -F _echopipe echopipe
`;
}
