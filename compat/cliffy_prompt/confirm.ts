/**
 * A stand-in for `@cliffy/prompt/confirm`, for networks that do not reach JSR: the part of it that is used here.
 *
 * @module
 */
import { confirm } from "@clack/prompts";
import { askByClack, type PromptOptions } from "./prompt.ts";

/** Asks for a yes or a no. */
export class Confirm {
  /** Resolves with the answer. */
  static prompt(options: PromptOptions<boolean>): Promise<boolean> {
    const { default: initialValue } = options;
    const shown = initialValue === undefined ? "y/n" : initialValue ? "Y/n" : "y/N";
    return askByClack(options, shown, (clack) => confirm({ ...clack, initialValue }));
  }
}
