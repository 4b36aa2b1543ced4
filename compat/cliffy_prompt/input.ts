/**
 * A stand-in for `@cliffy/prompt/input`, for networks that do not reach JSR: the part of it that is used here.
 *
 * @module
 */
import { text } from "@clack/prompts";
import { askByClack, type PromptOptions } from "./prompt.ts";

/** Asks for a line of text. */
export class Input {
  /** Resolves with the answer, trimmed; an empty one is the default. */
  static async prompt(options: PromptOptions<string>): Promise<string> {
    const { default: fallback } = options;
    const ask = (clack: Parameters<typeof text>[0]) => text({ ...clack, placeholder: fallback, defaultValue: "" });
    const answer = await askByClack(options, fallback, ask);
    return answer === "" && fallback !== undefined ? fallback : answer.trim();
  }
}
