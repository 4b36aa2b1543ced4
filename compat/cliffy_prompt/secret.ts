/**
 * A stand-in for `@cliffy/prompt/secret`, for networks that do not reach JSR: the part of it that is used here.
 *
 * @module
 */
import { password } from "@clack/prompts";
import { askByClack, type PromptOptions } from "./prompt.ts";

/** Asks for a line of text without showing it. */
export class Secret {
  /** Resolves with the answer. */
  static async prompt(options: PromptOptions<string>): Promise<string> {
    return await askByClack(options, undefined, (clack) => password(clack)) ?? "";
  }
}
