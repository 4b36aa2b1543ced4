/**
 * What the stand-in prompts share: clack's prompts behind cliffy's options.
 *
 * @module
 */
import { Writable } from "node:stream";
import process from "node:process";
import { updateSettings } from "@clack/prompts";

// Ctrl-D ends the input that the question waits for: without this it would be waited for, for ever.
updateSettings({ aliases: { "\x04": "cancel" } });

/** The part of cliffy's prompt options that is used here. */
export interface PromptOptions {
  /** The question. */
  message: string;
  /** What an empty answer means; taken without being validated. */
  default?: string;
  /** True: the answer will do; a text says why not; false: it will not. */
  validate?: (value: string) => string | boolean | Promise<string | boolean>;
  /** A line of help. */
  hint?: string;
  /** Where the prompt is shown. Default: standard output. */
  writer?: { writeSync(bytes: Uint8Array): number };
}

/** What clack needs to ask as the options say. */
export function toClack({ message, default: fallback, hint, writer }: PromptOptions): {
  message: string;
  output: Writable;
} {
  const shown = [message, fallback === undefined ? "" : ` (${fallback})`, hint ? `\n${hint}` : ""].join("");
  return { message: shown, output: writer ? outputTo(writer) : process.stdout };
}

/** Asks until the answer will do. As in cliffy, Ctrl-C ends the process with status 130; so does Ctrl-D. */
export async function askUntilValid(
  ask: (complaint: string | undefined) => Promise<string | symbol>,
  { default: fallback, validate }: PromptOptions,
): Promise<string> {
  let complaint: string | undefined;
  for (;;) {
    const answer = await ask(complaint);
    if (typeof answer !== "string") process.exit(130);
    if (answer === "" && fallback !== undefined) return fallback;
    const verdict: string | boolean = await validate?.(answer) ?? true;
    if (verdict === true) return answer;
    complaint = verdict || "Invalid answer.";
  }
}

/** A terminal's stream over a synchronous writer, of the terminal's own width. */
function outputTo(writer: { writeSync(bytes: Uint8Array): number }): Writable {
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      for (let at = 0; at < chunk.length;) at += writer.writeSync(chunk.subarray(at));
      done();
    },
  });
  const { columns, rows } = process.stderr; // 0 on a terminal that does not tell
  return Object.assign(output, { columns: columns || 80, rows: rows || 24, isTTY: true });
}
