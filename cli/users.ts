/**
 * `deno task users`: looks after the file of users, while a server runs or not.
 *
 * @module
 */
import { existsSync } from "node:fs";
import process from "node:process";
import type { UserStore } from "../src/identity/users.ts";
import { printError, run } from "./command.ts";
import { onSignals } from "./signals.ts";
import { typedCommand } from "./command_name.ts";
import { parseCommandLine } from "./command_line.ts";
import { CommandError, Status } from "./status.ts";
import { usersLine, type UsersValues } from "./users_flags.ts";

/** A command, and the number of operands beside its name. */
interface UsersCommand {
  readonly operands: number;
  run(store: UserStore, name: string, values: UsersValues): Promise<void>;
}

const commands: Readonly<Record<string, UsersCommand>> = {
  list: { operands: 0, run: list },
  add: { operands: 1, run: add },
  remove: { operands: 1, run: remove },
  password: { operands: 1, run: setPassword },
  logout: { operands: 1, run: endSessions },
};

await run("users", async () => {
  const { values, operands: [command, name = "", ...rest] } = parseCommandLine<UsersValues>(
    usersLine,
    process.argv.slice(2),
  );
  onSignals();
  const found = Object.hasOwn(commands, command ?? "") ? commands[command] : undefined;
  if (found === undefined) {
    const known = Object.keys(commands).join(", ");
    throw usage(
      command === undefined
        ? `Missing command: expected one of ${known}`
        : `Unknown command "${command}": expected one of ${known}`,
    );
  }
  const operands = (name === "" ? 0 : 1) + rest.length;
  if (operands > found.operands) throw usage(`Too many arguments for ${command}: expected ${found.operands}`);
  if (operands < found.operands) throw usage(`Missing argument for ${command}: expected the name of a user`);
  const { FileUserStore } = await import("../src/identity/file_store.ts");
  await using store = await FileUserStore.open(values.users);
  await found.run(store, name, values);
  return Status.done;
});

async function list(store: UserStore, _name: string, { users }: UsersValues): Promise<void> {
  if (!existsSync(users)) printError(`No users: there is no file "${users}"`);
  for (const { user } of await store.list()) {
    const addresses = user.addresses.join(" ") || "no address";
    const password = user.password === undefined ? "no password" : "password";
    process.stdout.write(`${user.name}\t${addresses}\t${password}\t${user.sessions.length} sessions\n`);
  }
}

async function add(store: UserStore, name: string, values: UsersValues): Promise<void> {
  const { newUser } = await import("../src/identity/users.ts");
  const user = newUser(name);
  if (await store.get(name) !== undefined) throw taken(name);
  const password = await newHash(user.name, values);
  const { makeFolderOf } = await import("../src/files/folder.ts");
  await makeFolderOf(values.users);
  if (await store.create({ ...user, password }) === undefined) throw taken(name);
  printError(`Added ${user.name} to "${values.users}"`);
}

async function remove(store: UserStore, name: string): Promise<void> {
  if (!await store.remove(name)) throw unknown(name);
  printError(`Removed ${name}`);
}

async function setPassword(store: UserStore, name: string, values: UsersValues): Promise<void> {
  const stored = await store.get(name);
  if (stored === undefined) throw unknown(name);
  const password = await newHash(stored.user.name, values);
  const { changeUser } = await import("../src/identity/users.ts");
  if (await changeUser(store, name, (user) => ({ ...user, password, sessions: [] })) === undefined) throw unknown(name);
  printError(`Set the password of ${stored.user.name}, and ended all sessions`);
}

async function endSessions(store: UserStore, name: string): Promise<void> {
  const { changeUser } = await import("../src/identity/users.ts");
  if (await changeUser(store, name, (user) => ({ ...user, sessions: [] })) === undefined) throw unknown(name);
  printError(`Ended all sessions of ${name}`);
}

/** The hash of a new password: from the file, or asked for twice. */
async function newHash(name: string, values: UsersValues): Promise<string> {
  const { checkPassword, Passwords } = await import("../src/identity/passwords.ts");
  let password: string;
  if (values.passwordFile !== undefined) {
    const { readPassword } = await import("./text_file.ts");
    password = readPassword(values.passwordFile);
  } else {
    const { askNewPassword, canAsk } = await import("./ask.ts");
    if (values.yes || !canAsk()) {
      throw new CommandError(
        Status.usage,
        "Cannot ask for a password: there is no terminal; expected --password-file",
      );
    }
    password = await askNewPassword(`New password of ${name}:`, (text) => checkPassword(text, name));
  }
  await using passwords = new Passwords();
  return await passwords.hash(checkPassword(password, name));
}

function usage(message: string): CommandError {
  return new CommandError(Status.usage, `${message} (see ${typedCommand("users")} --help)`);
}

function taken(name: string): CommandError {
  return new CommandError(Status.failed, `Cannot add the user "${name}": there is one already`);
}

function unknown(name: string): CommandError {
  return new CommandError(Status.failed, `Cannot find the user "${name}": there is none`);
}
