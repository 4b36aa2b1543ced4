/**
 * The command lines of all commands, by the names that the npm package has for them.
 *
 * @module
 */
import { chatLine } from "./chat_flags.ts";
import { chatServerLine } from "./chat_server_flags.ts";
import { clientLine } from "./client_flags.ts";
import type { CommandLine } from "./command_line.ts";
import { completionsLine } from "./completions_flags.ts";
import { demoLine } from "./demo_flags.ts";
import { loadLine } from "./load_flags.ts";
import { pingLine } from "./ping_flags.ts";
import { serverLine } from "./server_flags.ts";
import { usersLine } from "./users_flags.ts";
import { verifyLine } from "./verify_flags.ts";

/** The command lines, in the order of the help. */
export const commandLines = {
  "server": serverLine,
  "client": clientLine,
  "chat-server": chatServerLine,
  "chat": chatLine,
  "users": usersLine,
  "ping": pingLine,
  "load": loadLine,
  "verify": verifyLine,
  "demo": demoLine,
  "completions": completionsLine,
} as const satisfies Readonly<Record<string, CommandLine>>;

/** The name of a command. */
export type CommandName = keyof typeof commandLines;
