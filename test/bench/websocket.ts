/**
 * WebSocket beside npm's `ws`: messages a second that one connection has echoed.
 *
 * ```sh
 * deno run -A test/bench/websocket.ts [ROUNDS] [SECONDS]
 * ```
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare, serverCommand } from "./servers/kinds.ts";
import { start } from "./servers/process.ts";
import { type Cell, rate } from "./websocket/load.ts";

const [rounds = 5, seconds = 0.5] = Deno.args.map(Number);
const cells: Record<string, Cell> = {
  "64 B text, 64 in flight": { opcode: 1, bytes: 64, inFlight: 64 },
  "64 B binary, 64 in flight": { opcode: 2, bytes: 64, inFlight: 64 },
  "64 B binary, 1 in flight": { opcode: 2, bytes: 64, inFlight: 1 },
  "64 KiB text, 4 in flight": { opcode: 1, bytes: 65536, inFlight: 4 },
  "64 KiB binary, 4 in flight": { opcode: 2, bytes: 65536, inFlight: 4 },
};

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

const folder = await mkdtemp(join(tmpdir(), "echopipe-bench-"));
const tools = prepare(folder);
const auto = (command: string[]) => command.map((word) => word === "raw" ? "auto" : word);
const commands = {
  "ws on Node": [tools.node, "test/bench/websocket/ws_server.ts"],
  "ours on Node": auto(serverCommand("ours on Node", "raw", tools)),
  "ours on Deno": auto(serverCommand("ours", "raw", tools)),
};
const servers = Object.entries(commands).map(([name, command]) => ({
  name,
  child: start(command, ["ignore", "pipe", 2]),
}));
try {
  const ports = await Promise.all(servers.map(async ({ child }) => {
    const [line] = await once(child.stdout!, "data");
    return Number(/:(\d+)\s*$/.exec(String(line))![1]);
  }));
  console.log(`| cell | ${servers.map(({ name }) => name).join(" | ")} | ratios to ws |`);
  console.log(`| --- ${"| --- ".repeat(servers.length)}| --- |`);
  for (const [name, cell] of Object.entries(cells)) {
    for (const port of ports) await rate(port, cell, 0.2); // warm
    const rates: number[][] = ports.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, port] of ports.entries()) rates[i].push(await rate(port, cell, seconds));
    }
    const ratios = rates.slice(1).map((ours) => median(ours.map((rate, round) => rate / rates[0][round])).toFixed(2));
    const figures = rates.map((list) => Math.round(median([...list])).toLocaleString("en"));
    console.log(`| ${name} | ${figures.join(" | ")} | ${ratios.join(", ")} |`);
  }
} finally {
  for (const { child } of servers) child.kill();
  await rm(folder, { recursive: true });
}
