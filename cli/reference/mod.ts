/**
 * Texts that are made of the commands' flags: completions for shells, the man page, the pages of flags and error codes.
 * Names, meanings and values of flags are in `cli/*_flags.ts` alone; nothing here parses a command line.
 *
 * @module
 */
export { type CommandLines, type FlagFacts, flagFacts } from "./flag_facts.ts";
export { completionsFor } from "./completions.ts";
export { manPage } from "./man_page.ts";
export { flagsPage } from "./flags_page.ts";
export { errorsPage } from "./errors_page.ts";
