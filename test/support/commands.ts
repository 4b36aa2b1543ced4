/** Runs the commands as users do: as processes of their own, on the runtime that runs the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tasks: Record<string, string | { command: string }> =
  JSON.parse(readFileSync(join(root, "deno.json"), "utf8")).tasks;

/** A command that hangs is killed, so that only its test fails; its status is the signal. */
const LIMIT = { timeout: 120_000, killSignal: "SIGKILL" } as const;

/** The command line of a task: on Deno with the very permissions of `deno.json`. */
export function commandLine(task: string): string[] {
  const found = tasks[task];
  const words = (typeof found === "string" ? found : found.command).split(" ");
  // Quiet: with an empty cache Deno would report downloads on standard error.
  if ("Deno" in globalThis) return [process.execPath, "run", "--quiet", ...words.slice(2)];
  return [process.execPath, words.find((word) => word.startsWith("cli/"))!];
}

/** Options of {@linkcode Running}. */
export interface StartOptions {
  env?: Record<string, string>;
  /** A file descriptor, `pipe` (default) or `ignore`. */
  stdin?: number | "pipe" | "ignore";
  /** A file descriptor, or `pipe` (default). */
  stdout?: number | "pipe";
  /** Words before those of the command. */
  wrapper?: string[];
}

/** A running program. */
export class Program {
  readonly child: ChildProcess;
  /** The exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  stdout = Buffer.alloc(0);
  stderr = "";

  constructor(commandLine: readonly string[], options: StartOptions = {}) {
    const [command, ...words] = [...(options.wrapper ?? []), ...commandLine];
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ECHOPIPE_")));
    this.child = spawn(command, words, {
      cwd: root,
      env: { ...clean, ...options.env },
      stdio: [options.stdin ?? "pipe", options.stdout ?? "pipe", "pipe"],
      ...LIMIT,
    });
    this.child.stdout?.on("data", (bytes: Uint8Array) => this.stdout = Buffer.concat([this.stdout, bytes]));
    this.child.stderr?.on("data", (bytes: Uint8Array) => this.stderr += bytes);
    this.child.stdin?.on("error", () => {}); // the command may end before it has read everything
    this.ended = new Promise((resolve) => this.child.on("close", (code, signal) => resolve(code ?? signal!)));
  }

  /** Waits until `found` returns something; throws if the command ends first, or after 30 s. */
  async until<T>(found: () => T | undefined | null | false, what: string): Promise<T> {
    let over = false;
    void this.ended.then(() => over = true);
    for (let waited = 0;; waited += 20) {
      const value = found();
      if (value) return value;
      if (over || waited > 30_000) {
        throw new Error(`no ${what}; status ${this.child.exitCode}; said: ${this.stdout} ${this.stderr}`);
      }
      await new Promise((resume) => setTimeout(resume, 20));
    }
  }

  /** The port of a server, once it listens. */
  async port(): Promise<number> {
    const [, port] = await this.until(() => /listening on .*:(\d+)\n/.exec(this.stdout.toString()), "listening line");
    return Number(port);
  }

  /** Sends a signal. After `child.kill` Deno would report that signal as the end, whatever ended the child. */
  kill(signal: NodeJS.Signals): void {
    process.kill(this.child.pid!, signal);
  }

  /** Sends SIGTERM, or another signal, and waits for the end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string> {
    this.kill(signal);
    return await this.ended;
  }

  /** Peak memory so far, in MiB; Linux only. */
  peakMiB(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024;
  }
}

/** A running command of the project, by the name of its task. */
export class Running extends Program {
  constructor(task: string, args: readonly string[], options: StartOptions = {}) {
    super([...commandLine(task), ...args], options);
  }
}

/** A folder that is removed with the scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string; file(name: string): string }> {
  const path = await mkdtemp(join(tmpdir(), "echopipe-"));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A server that is stopped with the scope; its log is `server.log` in `folder`. */
export async function startServerCommand(
  folder: string,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<Running & AsyncDisposable & { readonly at: number }> {
  const running = new Running(
    "server",
    ["--yes", "--port", "0", "--log-file", join(folder, "server.log"), ...args],
    options,
  );
  const at = await running.port();
  return Object.assign(running, {
    at,
    async [Symbol.asyncDispose]() {
      if (running.child.exitCode === null) await running.stop();
    },
  });
}
