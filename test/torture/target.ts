/**
 * The servers that are tried: ours on both runtimes, and others to stand beside.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { commandLine } from "../support/commands.ts";
import { ServerProcess } from "./server_process.ts";

/** How a server is started. */
export interface StartOptions {
  /** Flags of ours; other servers know none. */
  readonly flags?: readonly string[];
  /** Words before the command. */
  readonly wrapper?: readonly string[];
}

/** A server that can be started. */
export interface Target {
  readonly name: string;
  /** False: somebody else's. */
  readonly ours: boolean;
  /** The command line of one of our commands on the same runtime. */
  command(task: string): string[];
  /** Starts it on a free port. */
  start(options?: StartOptions): Promise<ServerProcess>;
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Ours, by the words that run one of our commands. */
function ours(name: string, command: (task: string) => string[]): Target {
  return {
    name,
    ours: true,
    command,
    start: ({ flags = ["--framing", "raw"], wrapper = [] } = {}) => {
      // Every client here has one address; a row about rates lifts this by flags of its own.
      const common = ["--yes", "--port", "0", ...(flags.includes("--log-file") ? [] : ["--log-to", "none"])];
      return ServerProcess.start([...wrapper, ...command("server"), ...common, ...flags]);
    },
  };
}

/** Ours on the runtime that runs this. */
export const own: Target = ours("Deno" in globalThis ? "echopipe on Deno" : "echopipe on Node", commandLine);

const taskFile = (task: string) => commandLine(task).find((word) => word.startsWith("cli/"))!;

/** Ours on Node, as run by a Node of that path. */
export function onNode(node: string): Target {
  return ours("echopipe on Node", (task) => [node, taskFile(task)]);
}

function other(name: string, command: (port: number) => string[], port?: number): Target {
  return {
    name,
    ours: false,
    command: () => [],
    start: ({ wrapper = [] } = {}) => ServerProcess.start([...wrapper, ...command(port ?? 0)], port),
  };
}

const isThere = (program: string) => spawnSync("which", [program]).status === 0;

/** The others that are installed; `freePort` gives a port to those that cannot choose one. */
export async function others(node: string, freePort: () => Promise<number>): Promise<Target[]> {
  const targets = [
    other("Deno `pipeTo`", () => [process.execPath, "run", "--allow-net", file("../bench/servers/deno_pipe.ts")]),
    other("Deno, chunker", () => [process.execPath, "run", "--allow-net", file("../verify/others/deno_chunker.ts")]),
    other("Node `pipe`", () => [node, file("../bench/servers/node_pipe.ts")]),
    other("Node `toWeb`, chunker", () => [node, file("../verify/others/node_to_web.ts")]),
  ];
  if (isThere("socat")) {
    const listen = (port: number) => `TCP-LISTEN:${port},fork,reuseaddr,bind=127.0.0.1,backlog=1024`;
    targets.push(other("socat", (port) => ["socat", listen(port), "PIPE"], await freePort()));
  }
  if (isThere("ncat")) {
    const words = ["-k", "-m", "2000", "-e", "/bin/cat"];
    targets.push(other("ncat", (port) => ["ncat", "-l", "127.0.0.1", String(port), ...words], await freePort()));
  }
  return targets;
}
