/**
 * Starts a server, has `verify` look at it, and ends it.
 *
 * @module
 */
import { spawn } from "node:child_process";
import net from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../support/commands.ts";
import type { Other } from "./list.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Limit of time for a server to start, and for all cases on it, in milliseconds. */
const [START_MS, RUN_MS] = [20_000, 300_000];

/** A case in the report of verify. */
export interface Found {
  readonly id: string;
  readonly result: string;
  readonly bytes: string;
  readonly ending: string;
  readonly actual: string;
}

/** The report of verify, with the time it took in seconds. */
export interface Tried {
  readonly name: string;
  readonly cases: readonly Found[];
  readonly seconds: number;
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** True once somebody accepts there. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

/** Starts a server, verifies it by these cases or by all, and ends it. */
export async function tryServer(
  { name, command, flags = [], port: fixed }: Other,
  ids: readonly string[] = [],
): Promise<Tried> {
  const free = fixed ?? await freePort();
  const [program, ...args] = command(free);
  // A group of its own: forks end with it.
  const child = spawn(program, args, { cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes) => said = (said + bytes).slice(0, 10_000));
  }
  let over: string | undefined;
  child.once("error", (error) => over = error.message);
  child.once("exit", (code, signal) => over = `ended with ${code ?? signal}`);
  try {
    let port: number | undefined;
    for (const limit = performance.now() + START_MS; port === undefined;) {
      if (over !== undefined || performance.now() > limit) throw new Error(`Cannot start ${name}: ${over}: ${said}`);
      const listening = /listening on \S+:(\d+)\n/.exec(said);
      if (listening !== null) port = Number(listening[1]);
      else if (await accepts(free)) port = free;
      else await new Promise((resume) => setTimeout(resume, 50));
    }
    return { name, ...await verify(port, [...ids, ...flags]) };
  } finally {
    if (over === undefined) process.kill(-child.pid!, "SIGKILL");
  }
}

async function verify(port: number, flags: readonly string[]): Promise<Omit<Tried, "name">> {
  const [program, ...args] = [...commandLine("verify"), `127.0.0.1:${port}`, "--json", ...flags];
  const began = performance.now();
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], timeout: RUN_MS });
  let printed = "";
  child.stdout.on("data", (bytes) => printed += bytes);
  await new Promise((resolve) => child.once("close", resolve));
  return { cases: JSON.parse(printed).cases, seconds: (performance.now() - began) / 1000 };
}
