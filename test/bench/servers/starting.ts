/**
 * What a fresh server needs: time until it listens, and memory for each idle peer.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine } from "../../support/commands.ts";
import { median, turned } from "../measure.ts";
import { kinds } from "./cells.ts";
import { type Framing, type Kind, serverCommand, type Tools } from "./kinds.ts";
import { withIdlePeers } from "./load.ts";
import { ended, RunningServer, start } from "./process.ts";

/** Memory of a server. */
export interface MemoryFigures {
  readonly kind: Kind;
  readonly framing: Framing;
  /** When it has just started, in MiB. */
  readonly startMiB: number;
  /** For each idle peer, in KiB. */
  readonly peerKiB: number;
}

/** Measures the memory of fresh servers: each peer has sent and received one message, then stays silent. */
export async function measureMemory(tools: Tools, peers: number, rounds: number): Promise<MemoryFigures[]> {
  const wanted = kinds.flatMap((kind) =>
    kind.startsWith("ours") ? [[kind, "raw"], [kind, "message"]] : [[kind, "raw"]]
  );
  const figures: MemoryFigures[] = [];
  for (const [kind, framing] of wanted as [Kind, Framing][]) {
    const [starts, grown]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      await using server = await RunningServer.start(serverCommand(kind, framing, tools));
      await sleep(200); // what it does after it listens is not the peers'
      const before = server.residentMiB;
      const after = await withIdlePeers(tools, server, framing, peers, async () => {
        await sleep(500);
        return server.residentMiB;
      });
      starts.push(before);
      grown.push((after - before) * 1024 / peers);
    }
    figures.push({ kind, framing, startMiB: median(starts), peerKiB: median(grown) });
  }
  return figures;
}

/** How long something took to start, in milliseconds. */
export interface StartFigure {
  readonly name: string;
  readonly ms: number;
  /** How many times the first of the list. */
  readonly ratio: number;
}

/** Measures the time until a server listens, and that of `--version` and `--help`, in turn. */
export async function measureStarts(tools: Tools, rounds: number): Promise<StartFigure[]> {
  const listening = (kind: Kind, framing: Framing) => async () => {
    await using server = await RunningServer.start(serverCommand(kind, framing, tools));
    return server.startMs;
  };
  const exits = (command: string[]) => async () => {
    const began = performance.now();
    await ended(start(command, ["ignore", "pipe", "pipe"]), command.join(" "));
    return performance.now() - began;
  };
  // What the start is made of.
  const importing = (...modules: string[]) => {
    const file = join(tools.folder, `imports-${modules.length}-${modules.at(-1)?.replaceAll(/\W/g, "_")}.ts`);
    writeFileSync(file, modules.map((name) => `import ${JSON.stringify(name)};\n`).join(""));
    return exits([Deno.execPath(), "run", "--allow-all", "--config", "deno.json", file]);
  };
  const cases: [name: string, run: () => Promise<number>][] = [
    ["`deno run` of a five-line echo server, until it listens", listening("Deno", "raw")],
    ["our server on Deno, until it listens", listening("ours", "raw")],
    ["`node` with a ten-line echo server, until it listens", listening("Node", "raw")],
    ["our server on Node, until it listens", listening("ours on Node", "raw")],
    ["our server on Deno, `--version`", exits([...commandLine("server"), "--version"])],
    ["our server on Deno, `--help`", exits([...commandLine("server"), "--help"])],
    ["our client on Deno, `--version`", exits([...commandLine("client"), "--version"])],
    ["Deno alone, from start to end", importing()],
    ["Deno, importing `node:process`", importing("node:process")],
    ["Deno, importing `node:fs`", importing("node:fs")],
    ["Deno, importing `commander`", importing("commander")],
    ["Deno, importing LogTape", importing("@logtape/logtape")],
    ["Deno, importing our server without flags and log", importing("echopipe/server")],
  ];
  const times: number[][] = cases.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const i of turned([...cases.keys()], round + 1)) {
      const ms = await cases[i][1]();
      if (round >= 0) times[i].push(ms);
    }
  }
  return cases.map(([name], i) => ({
    name,
    ms: median(times[i]),
    ratio: median(times[i].map((ms, round) => ms / times[0][round])),
  }));
}
