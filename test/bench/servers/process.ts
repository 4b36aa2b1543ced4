/**
 * A server as a process of its own, and what the kernel tells of it. Linux.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** How often the kernel counts processor time, a second. */
const TICKS = 100;

/** The environment without the settings of whoever runs the bench. */
export const cleanEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("ECHOPIPE_")),
) as Record<string, string>;

/** Starts a process in the project's folder. */
export function start([command, ...args]: readonly string[], stdio: (number | "pipe" | "ignore")[]): ChildProcess {
  return spawn(command, args, { cwd: root, env: cleanEnvironment, stdio });
}

/** Waits for the end of a process; what it printed, if that was piped. Rejects unless its status is 0. */
export function ended(child: ChildProcess, what: string): Promise<string> {
  let printed = "";
  let said = "";
  child.stdout?.on("data", (bytes) => printed += bytes);
  child.stderr?.on("data", (bytes) => said += bytes);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(printed);
      else reject(new Error(`Cannot measure: ${what} ended with ${code ?? signal}: ${said || printed}`));
    });
  });
}

/** Processor time in seconds. */
export interface CpuTime {
  /** All threads' own. */
  readonly user: number;
  /** The kernel's on behalf of all threads. */
  readonly system: number;
  /** How long the main thread ran, or could have run and no core was free. */
  readonly wanted: number;
}

/** A server that listens. */
export class RunningServer {
  readonly port: number;
  /** From its start until it said that it listens, in milliseconds. */
  readonly startMs: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number, startMs: number) {
    this.#child = child;
    this.port = port;
    this.startMs = startMs;
  }

  /** Starts a server that prints `listening on ADDRESS:PORT`. */
  static async start(command: readonly string[]): Promise<RunningServer> {
    const began = performance.now();
    const child = start(command, ["ignore", "pipe", "pipe"]);
    let printed = "";
    let said = "";
    child.stderr!.on("data", (bytes) => said += bytes);
    const port = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`Cannot measure: ${command.join(" ")} ended with ${code}: ${said}`)));
      child.stdout!.on("data", (bytes) => {
        printed += bytes;
        const found = /listening on \S+:(\d+)\n/.exec(printed);
        if (found) resolve(Number(found[1]));
      });
    });
    return new RunningServer(child, port, performance.now() - began);
  }

  /** Memory in use, in MiB. */
  get residentMiB(): number {
    return memoryMiB(this.#child.pid!, "VmRSS")!;
  }

  /** The most memory it has used so far, in MiB. */
  get peakMiB(): number {
    return memoryMiB(this.#child.pid!, "VmHWM")!;
  }

  /** Processor time so far. */
  cpu(): CpuTime {
    const folder = `/proc/${this.#child.pid}`;
    const stat = Deno.readTextFileSync(`${folder}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [ran, waited] = Deno.readTextFileSync(`${folder}/schedstat`).split(" ");
    return {
      user: Number(fields[11]) / TICKS,
      system: Number(fields[12]) / TICKS,
      wanted: (Number(ran) + Number(waited)) / 1e9,
    };
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    process.kill(child.pid!, "SIGKILL");
    await gone;
  }
}

/** A figure of a process in MiB; undefined: it is gone. */
export function memoryMiB(pid: number, field: "VmRSS" | "VmHWM"): number | undefined {
  try {
    const found = new RegExp(`${field}:\\s+(\\d+)`).exec(Deno.readTextFileSync(`/proc/${pid}/status`));
    return found ? Number(found[1]) / 1024 : undefined;
  } catch {
    return undefined;
  }
}
