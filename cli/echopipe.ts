#!/usr/bin/env node
/**
 * `echopipe COMMAND`: all commands in one program, the `bin` of the npm package.
 *
 * @module
 */
import process from "node:process";
import type { CommandName } from "./command_lines.ts";
import { run } from "./command.ts";
import { nearestTo } from "./environment.ts";
import { CommandError, Status } from "./status.ts";
import { VERSION } from "./version.ts";

/** The module that runs a command when it is imported. */
const starts: Readonly<Record<CommandName, () => Promise<unknown>>> = {
  "server": () => import("./server.ts"),
  "client": () => import("./client.ts"),
  "chat-server": () => import("./chat_server.ts"),
  "chat": () => import("./chat.ts"),
  "users": () => import("./users.ts"),
  "ping": () => import("./ping.ts"),
  "load": () => import("./load.ts"),
  "verify": () => import("./verify.ts"),
  "demo": () => import("./demo.ts"),
  "completions": () => import("./completions.ts"),
};

const names = Object.keys(starts);

async function help(): Promise<string> {
  const { commandLines } = await import("./command_lines.ts");
  return `Usage: echopipe COMMAND [options]

Byte-exact stream pipelines for sockets: an echo server, its client, and a chat.

Commands:
${Object.entries(commandLines).map(([name, { title }]) => `  ${name.padEnd(12)} ${title}`).join("\n")}

Options:
  --version    print the version
  -h, --help   print this help; echopipe COMMAND --help: the help of a command
`;
}

const [name, ...rest] = process.argv.slice(2);
if (Object.hasOwn(starts, name ?? "")) {
  process.argv.splice(2, 1 + rest.length, ...rest);
  await starts[name as CommandName]();
} else {
  await run("echopipe", async () => {
    if (name === "--help" || name === "-h") process.stdout.write(await help());
    else if (name === "--version") process.stdout.write(`echopipe ${VERSION}\n`);
    else throw new CommandError(Status.usage, `${problem(name)} (see echopipe --help)`);
    return Status.done;
  });
}

function problem(name: string | undefined): string {
  if (name === undefined) return `Cannot start: no command is given; expected one of ${names.join(", ")}`;
  const similar = nearestTo(name, names);
  const advice = similar === undefined ? `expected one of ${names.join(", ")}` : `did you mean ${similar}?`;
  return `Cannot start "${name}": there is no such command; ${advice}`;
}
