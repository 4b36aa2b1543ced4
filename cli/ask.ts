/**
 * Questions on the terminal, for values that neither a flag nor the environment gave.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { messageOf } from "../src/errors.ts";
import { printError } from "./command.ts";
import type { Parsed } from "./command_line.ts";
import { addressText } from "./common_flags.ts";
import { integerFrom, someText } from "./flags.ts";
import { Keyboard } from "./keyboard.ts";

/** Checks an answer; throws what is wrong with it. */
export type Check<T = string> = (answer: T) => unknown;

/** Prompts are written to standard error: standard output is for data. */
const writer = { writeSync: (bytes: Uint8Array) => writeSync(2, bytes) };

/** True if a person is at the terminal to answer. */
export function canAsk(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY);
}

/** Asks for a line; an empty one is the default, if there is one. */
export async function askText(message: string, fallback: string | undefined, check: Check): Promise<string> {
  const { Input } = await import("@cliffy/prompt/input");
  return await askUntilValid((reader) => Input.prompt({ message, default: fallback, reader, writer }), check);
}

/** Asks for a line without showing it. */
export async function askSecret(message: string, check: Check): Promise<string> {
  const { Secret } = await import("@cliffy/prompt/secret");
  return await askUntilValid((reader) => Secret.prompt({ message, reader, writer }), check);
}

/** Asks for a new password, twice; starts again if the two differ. */
export async function askNewPassword(message: string, check: Check): Promise<string> {
  for (;;) {
    const password = await askSecret(message, check);
    if (await askSecret("Repeat password", () => {}) === password) return password;
    printError("The passwords differ");
  }
}

/** Asks for an integer from `min` to `max`. */
export async function askInteger(message: string, fallback: number, min: number, max: number): Promise<number> {
  const { Number } = await import("@cliffy/prompt/number");
  const parse = integerFrom(min, max);
  return await askUntilValid(
    (reader) => Number.prompt({ message, default: fallback, reader, writer }),
    (answer) => parse(String(answer)),
  );
}

/** Asks for one of several words. */
export async function askChoice<T extends string>(message: string, fallback: T, options: readonly T[]): Promise<T> {
  const { Select } = await import("@cliffy/prompt/select");
  const settings = { message, default: fallback as string, options: [...options] as string[], writer };
  return await askUntilValid((reader) => Select.prompt({ ...settings, reader }), () => {}) as T;
}

/** Asks for a yes or a no; the default is no. */
export async function askConfirmation(message: string): Promise<boolean> {
  const { Confirm } = await import("@cliffy/prompt/confirm");
  return await askUntilValid((reader) => Confirm.prompt({ message, default: false, reader, writer }), () => {});
}

/** The flags of an address. */
interface AddressValues {
  host: string;
  port: number;
  yes?: boolean;
}

/** Options of {@linkcode askForAddress}. */
export interface AddressQuestion {
  /** The question for `--host`. */
  readonly question: string;
  /** Checks an address. Default: it must not be empty. */
  readonly check?: Check;
  /** The lowest port. */
  readonly minPort: number;
}

/**
 * Asks for host and port, where neither a flag nor the environment gave them and a person is there to answer. True if
 * anything was asked.
 */
export async function askForAddress(
  { values, origin }: Parsed<AddressValues>,
  { question, check = someText, minPort }: AddressQuestion,
): Promise<boolean> {
  if (values.yes || !canAsk()) return false;
  if (origin("host") === "default") values.host = addressText(await askText(question, values.host, check));
  if (origin("port") === "default") values.port = await askInteger("Port", values.port, minPort, 65535);
  return origin("host") === "default" || origin("port") === "default";
}

/** Asks until the answer passes the check; what is wrong is written below the answer. */
async function askUntilValid<T>(ask: (reader: Keyboard) => Promise<T>, check: Check<T>): Promise<T> {
  for (;;) {
    const keyboard = new Keyboard();
    const answer = await ask(keyboard).finally(() => keyboard.close());
    try {
      await check(answer);
      return answer;
    } catch (error) {
      printError(messageOf(error).replace(/^./, (first) => first.toUpperCase()));
    }
  }
}
