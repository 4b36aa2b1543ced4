/**
 * A stand-in for `@cliffy/prompt/input`, for networks that do not reach JSR: the part of it that is used here.
 *
 * @module
 */
import { log, text } from "@clack/prompts";
import { askUntilValid, type PromptOptions, toClack } from "./prompt.ts";

/** Asks for a line of text. */
export class Input {
  /** Asks until the answer is valid; resolves with it, trimmed. */
  static async prompt(options: string | PromptOptions): Promise<string> {
    const settings = typeof options === "string" ? { message: options } : options;
    const { message, output } = toClack(settings);
    const answer = await askUntilValid(async (complaint) => {
      if (complaint) log.error(complaint, { output });
      return await text({ message, output, placeholder: settings.default, defaultValue: "" });
    }, settings);
    return answer.trim(); // after it was validated, as it was typed
  }
}
