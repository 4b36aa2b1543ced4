/**
 * The command line of `users`.
 *
 * @module
 */
import type { CommandLine } from "./command_line.ts";
import { yesFlag } from "./common_flags.ts";
import { someText } from "./flags.ts";

/** Values of the flags of `users`. */
export interface UsersValues {
  readonly users: string;
  readonly passwordFile?: string;
  readonly yes?: boolean;
}

/** The command line of `users`. */
export const usersLine: CommandLine = {
  task: "users",
  title: "looks after the users of a server",
  summary: "Looks after the users of a server, while it runs or not.",
  operands: "[COMMAND...]",
  words: ["list", "add", "remove", "password", "logout"],
  flags: [
    { flags: "--users <FILE>", meaning: "the file of users", fallback: "users.json", parse: someText },
    {
      flags: "--password-file <FILE>",
      meaning: "a file with the password, instead of asking for it",
      parse: someText,
    },
    yesFlag,
  ],
  notes: `
Commands:
  list             all users, one a line: name, addresses, password or not, sessions
  add NAME         adds a user with a password
  remove NAME      removes a user
  password NAME    sets a user's password, and ends all sessions
  logout NAME      ends all sessions of a user
`,
};
