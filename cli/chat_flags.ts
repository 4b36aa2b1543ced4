/**
 * The command line of `chat`.
 *
 * @module
 */
import type { CommandLine } from "./command_line.ts";
import { addressFlags, logFlags, type LogValues, yesFlag } from "./common_flags.ts";
import { type Flag, secondsFrom, someText } from "./flags.ts";

/** The flags, as values. */
export interface ChatValues extends LogValues {
  host: string;
  port: number;
  name?: string;
  timeout: number;
  yes?: boolean;
}

/** The flags of `chat`. */
const flags: readonly Flag[] = [
  ...addressFlags("127.0.0.1", 9091, 1, "join at"),
  { flags: "--name <NAME>", meaning: "your name, 1 to 32 characters (default: guest and a number)", parse: someText },
  {
    flags: "--timeout <SECONDS>",
    meaning: "give up joining, if no server answers for so long",
    fallback: 10,
    parse: secondsFrom(0.001, 86_400),
  },
  ...logFlags("logs/chat.log"),
  yesFlag,
];

/** The command line of `chat`. */
export const chatLine: CommandLine = {
  task: "chat",
  title: "joins a chat",
  summary: "Joins a chat: on a terminal, type and read; else every line of standard input is said.",
  flags,
  notes: "\nLines that begin with a slash are commands: /help lists them. exit leaves.\n",
};
