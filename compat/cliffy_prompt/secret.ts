/**
 * A stand-in for `@cliffy/prompt/secret`, for networks that do not reach JSR: the part of it that is used here.
 *
 * @module
 */
import { log, password } from "@clack/prompts";
import { askUntilValid, type PromptOptions, toClack } from "./prompt.ts";

/** Asks for a line of text that is not shown. */
export class Secret {
  /** Asks until the answer is valid; resolves with it. */
  static prompt(options: string | PromptOptions): Promise<string> {
    const settings = typeof options === "string" ? { message: options } : options;
    const { message, output } = toClack(settings);
    return askUntilValid(async (complaint) => {
      if (complaint) log.error(complaint, { output });
      return await password({ message, output }) ?? "";
    }, settings);
  }
}
