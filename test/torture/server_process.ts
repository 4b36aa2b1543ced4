/**
 * A server as a process of its own, and what the kernel tells of it and of its children. Linux.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { exchange, open } from "../support/sockets.ts";
import { withinTime } from "./row.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("ECHOPIPE_")),
) as Record<string, string>;

/** A server that listens. */
export class ServerProcess {
  readonly port: number;
  /** All that it said on standard error. */
  said = "";
  /** Its exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly #child: ChildProcess;
  #over = false;

  private constructor(child: ChildProcess, port: number, ended: Promise<number | string>) {
    this.#child = child;
    this.port = port;
    this.ended = ended;
    void ended.then(() => this.#over = true);
    child.stderr!.on("data", (bytes) => this.said = (this.said + bytes).slice(-4000));
  }

  /** Starts a server that says `listening on ADDRESS:PORT`, or that answers at `port` once it is ready. */
  static async start(command: readonly string[], port?: number): Promise<ServerProcess> {
    // In a process group of its own: what it forks ends with it.
    const [program, ...args] = ["setsid", ...command];
    const child = spawn(program, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<number | string>((resolve) => {
      child.on("error", (error) => resolve(String(error)));
      child.on("close", (code, signal) => resolve(code ?? signal!));
    });
    let printed = "";
    let over = false;
    void ended.then(() => over = true);
    child.stdout!.on("data", (bytes) => printed += bytes);
    child.stderr!.on("data", (bytes) => printed += bytes);
    for (const end = performance.now() + 30_000; performance.now() < end && !over; await sleep(10)) {
      const found = port ?? Number(/listening on \S+:(\d+)\n/.exec(printed)?.[1] ?? 0);
      if (found === 0) continue;
      if (port === undefined || await answers(found)) return new ServerProcess(child, found, ended);
    }
    if (!over) process.kill(-child.pid!, "SIGKILL");
    throw new Error(`Cannot start ${command.join(" ")}: ${printed || "it said nothing"}; expected a server`);
  }

  /** True if it has not ended. */
  get alive(): boolean {
    return !this.#over;
  }

  /** Memory of it and of its children in MiB, shared pages once. */
  get memoryMiB(): number {
    return sum(this.#child.pid!, (pid) => field(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+)/m) / 1024);
  }

  /** The most memory that it has used itself so far, in MiB. */
  get peakMiB(): number {
    return field(`/proc/${this.#child.pid}/status`, /VmHWM:\s+(\d+)/) / 1024;
  }

  /** Open descriptors of it and of its children. */
  get descriptors(): number {
    return sum(this.#child.pid!, (pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).length;
      } catch {
        return 0; // gone meanwhile
      }
    });
  }

  /** Waits until it has no more descriptors than `before`, at most `seconds`; how many it has more. */
  async descriptorsLeft(before: number, seconds = 10): Promise<number> {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(50)) {
      if (this.descriptors <= before) return 0;
    }
    return this.descriptors - before;
  }

  /** True if a new client is served within `seconds`. */
  async serves(seconds = 10, bytes = "still there\n"): Promise<boolean> {
    const end = performance.now() + seconds * 1000;
    while (this.alive && performance.now() < end) {
      const left = Math.max(100, end - performance.now());
      try {
        if (String(await withinTime(exchange(this.port, bytes), left, "an echo")) === bytes) return true;
      } catch {
        // Not yet: asked again.
      }
      await sleep(50);
    }
    return false;
  }

  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void {
    if (this.alive) process.kill(this.#child.pid!, signal);
  }

  /** Ends it and what it has forked. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(-this.#child.pid!, "SIGKILL");
    } catch {
      // All have gone.
    }
    await this.ended;
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    (await open(port)).destroy();
    return true;
  } catch {
    return false;
  }
}

function field(path: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(path, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // gone meanwhile
  }
}

/** The sum of a figure over a process and all that it has forked. */
function sum(pid: number, figure: (pid: number) => number): number {
  let children: number[] = [];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    // No children, or a kernel that does not tell.
  }
  return children.reduce((total, child) => total + sum(child, figure), figure(pid));
}
