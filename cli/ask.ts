/**
 * Questions on the terminal, for what neither a flag nor the environment told.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";

/** Standard output is for data: questions go to standard error. */
const writer = { writeSync: (bytes: Uint8Array) => writeSync(2, bytes) };

/** Whether somebody is there to answer. */
export function canAsk(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY);
}

/** Asks for a line; `check` says what is wrong with an answer, by throwing. */
export async function askText(message: string, fallback: string, check: (text: string) => unknown): Promise<string> {
  const { Input } = await import("@cliffy/prompt/input");
  return await Input.prompt({ message, default: fallback, validate: (text) => verdict(text, check), writer });
}

/** Asks for a line that is not shown; `check` says what is wrong with an answer, by throwing. */
export async function askSecret(message: string, check: (text: string) => unknown): Promise<string> {
  const { Secret } = await import("@cliffy/prompt/secret");
  return await Secret.prompt({ message, validate: (text) => verdict(text, check), writer });
}

function verdict(text: string, check: (text: string) => unknown): true | string {
  try {
    check(text);
    return true;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
