/**
 * The command line of `completions`.
 *
 * @module
 */
import type { CommandLine } from "./command_line.ts";

/** The shells that completions are written for. */
export const shells = ["bash", "zsh", "fish"] as const;

/** The command line of `completions`. */
export const completionsLine: CommandLine = {
  task: "completions",
  title: "completions for bash, zsh or fish",
  summary: "Prints what has a shell complete the commands, flags and values of echopipe.",
  operands: "[SHELL]",
  words: shells,
  flags: [],
  notes: `
SHELL is one of ${shells.join(", ")}. To have completions from now on:
  bash   echopipe completions bash > ~/.local/share/bash-completion/completions/echopipe
  zsh    echopipe completions zsh > DIRECTORY/_echopipe, a directory of $fpath
  fish   echopipe completions fish > ~/.config/fish/completions/echopipe.fish
`,
};
