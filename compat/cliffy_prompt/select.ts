/**
 * A stand-in for `@cliffy/prompt/select`, for networks that do not reach JSR: the part of it that is used here.
 *
 * @module
 */
import { select } from "@clack/prompts";
import { askByClack, type PromptOptions } from "./prompt.ts";

/** Options of {@linkcode Select}. */
export interface SelectOptions extends PromptOptions<string> {
  /** The words to choose from. */
  options: string[];
}

/** Asks for one of several words. */
export class Select {
  /** Resolves with the chosen word. */
  static prompt(options: SelectOptions): Promise<string> {
    const { default: initialValue, options: words } = options;
    const choices = words.map((value) => ({ value, label: value }));
    return askByClack(options, initialValue, (clack) => select({ ...clack, options: choices, initialValue }));
  }
}
