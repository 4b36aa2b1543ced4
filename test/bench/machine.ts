/**
 * What the figures were measured on.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

/** Machine and versions, as a Markdown list: no names, no paths. */
export function describeMachine(node: string): string {
  const [cpu] = cpus();
  const first = (command: string, ...args: string[]) =>
    execFileSync(command, args, { encoding: "utf8" }).trim().split("\n")[0];
  return [
    `- ${availableParallelism()} cores (${cpu.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory, ` +
    `${type()} ${release()}, loopback`,
    `- Deno ${Deno.version.deno} (V8 ${Deno.version.v8}), Node ${first(node, "--version").slice(1)}, ` +
    `gcc ${first("gcc", "-dumpfullversion")} -O2`,
  ].join("\n");
}

/** How busy the machine is with other things: the mean number of processes at work over the last minute. */
export function busyness(): number {
  return loadavg()[0];
}
