#!/usr/bin/env node
/**
 * `echopipe COMMAND`: all commands in one program, the `bin` of the npm package.
 *
 * @module
 */
import process from "node:process";
import { run } from "./command.ts";
import { nearestTo } from "./environment.ts";
import { CommandError, Status } from "./status.ts";
import { VERSION } from "./version.ts";

/** A command: what it does, and the module that does it when it is imported. */
interface Command {
  readonly summary: string;
  readonly start: () => Promise<unknown>;
}

const commands: Readonly<Record<string, Command>> = {
  "server": { summary: "an echo server", start: () => import("./server.ts") },
  "client": { summary: "talks to an echo server, or sends a file through it", start: () => import("./client.ts") },
  "chat-server": { summary: "a chat server over UDP", start: () => import("./chat_server.ts") },
  "chat": { summary: "joins a chat", start: () => import("./chat.ts") },
  "users": { summary: "looks after the users of a server", start: () => import("./users.ts") },
  "ping": { summary: "round-trip times of any echo server", start: () => import("./ping.ts") },
  "load": { summary: "load on any echo server, measured", start: () => import("./load.ts") },
  "verify": { summary: "verifies any echo server", start: () => import("./verify.ts") },
  "demo": { summary: "shows the server and the client at work", start: () => import("./demo.ts") },
};

const names = Object.keys(commands);

const HELP = `Usage: echopipe COMMAND [options]

Byte-exact stream pipelines for sockets: an echo server, its client, and a chat.

Commands:
${names.map((name) => `  ${name.padEnd(12)} ${commands[name].summary}`).join("\n")}

Options:
  --version    print the version
  -h, --help   print this help; echopipe COMMAND --help: the help of a command
`;

const [name, ...rest] = process.argv.slice(2);
if (Object.hasOwn(commands, name ?? "")) {
  process.argv.splice(2, 1 + rest.length, ...rest);
  await commands[name].start();
} else {
  await run("echopipe", () => {
    if (name === "--help" || name === "-h") process.stdout.write(HELP);
    else if (name === "--version") process.stdout.write(`echopipe ${VERSION}\n`);
    else throw new CommandError(Status.usage, `${problem(name)} (see echopipe --help)`);
    return Promise.resolve(Status.done);
  });
}

function problem(name: string | undefined): string {
  if (name === undefined) return `Cannot start: no command is given; expected one of ${names.join(", ")}`;
  const similar = nearestTo(name, names);
  const advice = similar === undefined ? `expected one of ${names.join(", ")}` : `did you mean ${similar}?`;
  return `Cannot start "${name}": there is no such command; ${advice}`;
}
