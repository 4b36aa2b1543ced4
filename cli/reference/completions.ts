/**
 * Completions for the shells.
 *
 * @module
 */
import type { shells } from "../completions_flags.ts";
import { bashCompletions } from "./bash.ts";
import { fishCompletions } from "./fish.ts";
import type { CommandLines } from "./flag_facts.ts";
import { zshCompletions } from "./zsh.ts";

const writers = { bash: bashCompletions, zsh: zshCompletions, fish: fishCompletions };

/** The completions of all commands for a shell. */
export function completionsFor(shell: typeof shells[number], lines: CommandLines): string {
  return writers[shell](lines);
}
