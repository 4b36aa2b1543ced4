/**
 * Questions on the terminal, for values that neither a flag nor the environment gave.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { messageOf } from "../src/errors.ts";
import { addressText } from "./common_flags.ts";
import { type Parsed } from "./command_line.ts";
import { integerFrom, someText } from "./flags.ts";

/** Says what is wrong with an answer, by throwing. */
export type Check = (text: string) => unknown;

/** Standard output is for data: questions go to standard error. */
const writer = { writeSync: (bytes: Uint8Array) => writeSync(2, bytes) };

/** Whether somebody is there to answer. */
export function canAsk(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY);
}

/** Asks for a line; an empty one means the fallback, where there is one. */
export async function askText(message: string, fallback: string | undefined, check: Check): Promise<string> {
  const { Input } = await import("@cliffy/prompt/input");
  return await Input.prompt({ message, default: fallback, validate: (text) => verdict(text, check), writer });
}

/** Asks for a line that is not shown. */
export async function askSecret(message: string, check: Check): Promise<string> {
  const { Secret } = await import("@cliffy/prompt/secret");
  return await Secret.prompt({ message, validate: (text) => verdict(text, check), writer });
}

/** The flags that say where to listen, or where to connect. */
interface AddressValues {
  host: string;
  port: number;
  yes?: boolean;
}

/** How to ask for an address. */
export interface AddressQuestion {
  /** The question for `--host`. */
  readonly question: string;
  /** Says what is wrong with an address. Default: it must not be empty. */
  readonly check?: Check;
  /** The lowest port. */
  readonly minPort: number;
}

/** Asks for host and port, where neither a flag nor the environment gave them and somebody is there to answer. */
export async function askForAddress(
  { values, origin }: Parsed<AddressValues>,
  { question, check = someText, minPort }: AddressQuestion,
): Promise<void> {
  if (values.yes || !canAsk()) return;
  if (origin("host") === "default") values.host = addressText(await askText(question, values.host, check));
  if (origin("port") === "default") {
    const port = integerFrom(minPort, 65535);
    values.port = port(await askText("Port", String(values.port), port));
  }
}

async function verdict(text: string, check: Check): Promise<true | string> {
  try {
    await check(text);
    return true;
  } catch (error) {
    return messageOf(error).replace(/^./, (first) => first.toUpperCase());
  }
}
