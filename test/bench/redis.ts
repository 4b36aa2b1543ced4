/**
 * Measures examples/redis.ts beside a server written by hand on `node:net`, and beside redis-server, with
 * `redis-benchmark`: processor time a request, in interleaved rounds. Linux, with Debian's redis-server and redis-tools.
 *
 * ```sh
 * deno run -A test/bench/redis.ts
 * deno run -A test/bench/redis.ts 16   # with that many requests on the way at a time
 * ```
 *
 * @module
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median, turned } from "./measure.ts";

const ROUNDS = 5;
const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
const deno = process.execPath;
const [ours, byHand] = ["examples/redis.ts", "test/bench/examples/redis_by_hand.ts"];

/** A server: its name and how it is started on a port. */
const kinds: readonly [name: string, start: (port: number) => string[]][] = [
  ["Deno, ours", (port) => [deno, "run", "--no-check", "--allow-net", ours, `${port}`]],
  ["Deno, node:net by hand", (port) => [deno, "run", "--no-check", "-A", byHand, `${port}`]],
  ["Node, ours", (port) => ["npx", "--yes", "node@24", ours, `${port}`]],
  ["Node, node:net by hand", (port) => ["npx", "--yes", "node@24", byHand, `${port}`]],
  ["redis-server", (port) => ["redis-server", "--port", `${port}`, "--save", "", "--appendonly", "no"]],
];

/** A started server, and the sums of each cell. */
interface Server {
  readonly name: string;
  readonly port: number;
  readonly child: ChildProcess;
  readonly pid: number;
}

async function start(name: string, command: string[], port: number): Promise<Server> {
  const child = spawn(command[0], command.slice(1), { cwd: root, stdio: "ignore" });
  for (let tries = 0;; tries++) {
    await new Promise((resume) => setTimeout(resume, 200));
    const answer = await run("redis-cli", ["-p", `${port}`, "ping"]).catch(() => undefined);
    if (answer?.stdout.startsWith("PONG")) break;
    if (tries > 100) throw new Error(`Cannot measure: ${name} does not answer`);
  }
  const pid = Number(
    /pid=(\d+)/.exec(execFileSync("ss", ["-Hltnp", `sport = :${port}`], { encoding: "utf8" }))?.[1] ?? child.pid,
  );
  return { name, port, child, pid };
}

/** Processor time of a process so far, in microseconds. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1e6 / ticksPerSecond;
}

/** One run of redis-benchmark: processor time of the server in microseconds a request, and requests a second. */
async function round({ port, pid }: Server, test: string, pipelined: number): Promise<[micros: number, rate: number]> {
  const requests = pipelined > 1 ? 200_000 : 40_000;
  const before = processorTime(pid);
  const words = ["-p", port, "-t", test, "-n", requests, "-P", pipelined, "-c", 50, "-d", 16, "--csv"].map(String);
  const { stdout } = await run("redis-benchmark", words);
  const rate = Number(/"(\d+\.\d+)"/.exec(stdout.split("\n").at(-2) ?? "")?.[1]);
  return [(processorTime(pid) - before) / requests, rate];
}

const servers: Server[] = [];
try {
  for (const [i, [name, command]] of kinds.entries()) servers.push(await start(name, command(7301 + i), 7301 + i));
  for (const pipelined of (process.argv[2] ?? "1,16").split(",").map(Number)) {
    for (const test of ["set", "get"]) {
      const figures = new Map(servers.map(({ name }) => [name, [] as [number, number][]]));
      for (let r = -1; r < ROUNDS; r++) {
        for (const server of turned(servers, r + 1)) {
          const figure = await round(server, test, pipelined);
          if (r >= 0) figures.get(server.name)!.push(figure); // the first round warms up
        }
      }
      const micros = (name: string) => median(figures.get(name)!.map(([micros]) => micros));
      for (const { name } of servers) {
        const rate = median(figures.get(name)!.map(([, rate]) => rate));
        const hand = `${name.split(",")[0]}, node:net by hand`;
        const ratio = name.endsWith("ours") ? `, ${(micros(name) / micros(hand)).toFixed(2)} of the one by hand` : "";
        console.log(`-P ${pipelined} ${test}: ${name}: ${micros(name).toFixed(2)} µs, ${Math.round(rate)}/s${ratio}`);
      }
    }
  }
} finally {
  for (const { pid } of servers) process.kill(pid);
}
