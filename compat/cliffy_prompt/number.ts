/**
 * A stand-in for `@cliffy/prompt/number`, for networks that do not reach JSR: the part of it that is used here.
 *
 * @module
 */
import { text } from "@clack/prompts";
import { askByClack, type PromptOptions } from "./prompt.ts";

/** Asks for an integer. Cliffy takes no other characters; here they are refused with the answer. */
class NumberPrompt {
  /** Resolves with the answer; an empty one is the default. */
  static async prompt(options: PromptOptions<number>): Promise<number> {
    const { default: fallback } = options;
    const shown = fallback?.toString();
    const validate = (answer = "") =>
      /^[+-]?\d+$/.test(answer) || answer === "" && shown !== undefined ? undefined : "Invalid answer.";
    const ask = (clack: Parameters<typeof text>[0]) =>
      text({ ...clack, placeholder: shown, defaultValue: "", validate });
    const answer = await askByClack(options, shown, ask);
    return answer === "" ? fallback! : Number(answer);
  }
}

export { NumberPrompt as Number };
