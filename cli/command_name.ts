/**
 * The name of a command, as its user types it.
 *
 * @module
 */
import { basename } from "node:path";
import process from "node:process";

/** True where the program is `echopipe`, of the npm package or compiled, and not a task of this folder. */
const isPackage = /^echopipe(\.\w+)?$/.test(basename(process.argv[1] ?? ""));

/** The command of a task, such as `chat:server`: `deno task chat:server`, or `echopipe chat-server`. */
export function typedCommand(task: string): string {
  return isPackage ? `echopipe ${task.replace(":", "-")}` : `deno task ${task}`;
}
