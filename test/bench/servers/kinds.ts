/**
 * The servers that are measured, and the tools for it.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../support/commands.ts";

/** What travels: bytes as they are, or messages behind four bytes of length. */
export type Framing = "raw" | "message";

/** Which server: ours, or one to stand beside it. */
export type Kind = "C" | "Deno" | "Node" | "ours" | "ours on Node";

/** Everything that has to be there before anything is measured. */
export interface Tools {
  /** A folder for what is compiled and logged. */
  readonly folder: string;
  /** The load generator. */
  readonly load: string;
  /** The load generator of honest peers beside bulk. */
  readonly fairness: string;
  /** Node 24 or later. */
  readonly node: string;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Compiles the C programs, and finds Node. */
export function prepare(folder: string): Tools {
  for (
    const [source, name] of [["../load.c", "load"], ["../fairness.c", "fairness"], ["./epoll_echo.c", "epoll_echo"]]
  ) {
    execFileSync("gcc", ["-O2", "-o", join(folder, name), here(source)]);
  }
  return { folder, load: join(folder, "load"), fairness: join(folder, "fairness"), node: findNode() };
}

/** The command that starts a server on a free port: ours as users start it, its log file on. */
export function serverCommand(kind: Kind, framing: Framing, { folder, node }: Tools): string[] {
  const log = join(folder, `${kind} ${framing}.log`);
  const flags = ["--yes", "--host", "127.0.0.1", "--port", "0", "--framing", framing, "--log-file", log];
  switch (kind) {
    case "C":
      return [join(folder, "epoll_echo")];
    case "Deno":
      return [Deno.execPath(), "run", "--allow-net", here("./deno_pipe.ts")];
    case "Node":
      return [node, here("./node_pipe.ts")];
    case "ours":
      return [...commandLine("server"), ...flags];
    case "ours on Node":
      return [node, "cli/server.ts", ...flags];
  }
}

/** The Node that `NODE` names, the one on the path if it is new enough, or the one that npx fetches. */
function findNode(): string {
  const candidates = [Deno.env.get("NODE"), "node"];
  for (const node of candidates) {
    if (node === undefined) continue;
    try {
      const major = Number(/^v(\d+)/.exec(execFileSync(node, ["--version"], { encoding: "utf8" }))?.[1]);
      if (major >= 24) return node;
    } catch {
      // Not there: the next one.
    }
  }
  const found = execFileSync("npx", ["--yes", "--package", "node@24", "-c", "command -v node"], { encoding: "utf8" });
  return found.trim();
}
