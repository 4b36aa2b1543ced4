/**
 * Throughput and latency: each server under each load, all of them in turn within each round.
 *
 * @module
 */
import { median, turned } from "../measure.ts";
import { type Load, type LoadResult, runLoad } from "./load.ts";
import { type Framing, type Kind, serverCommand, type Tools } from "./kinds.ts";
import { type CpuTime, RunningServer } from "./process.ts";

/** A load with a name. */
export interface Cell extends Load {
  readonly name: string;
  /** What is compared. */
  readonly figure: "mb_s" | "messages_s";
}

/** The loads. */
export const cells: readonly Cell[] = [
  { name: "64 KiB x 16", connections: 1, bytes: 65536, window: 16, figure: "mb_s" },
  { name: "1 KiB x 64", connections: 1, bytes: 1024, window: 64, figure: "mb_s" },
  { name: "1 KiB x 1024", connections: 1, bytes: 1024, window: 1024, figure: "mb_s" },
  { name: "64 B, 50 peers", connections: 50, bytes: 64, window: 1, figure: "messages_s" },
  { name: "64 B, 1000 peers", connections: 1000, bytes: 64, window: 1, figure: "messages_s" },
];

/** The servers. */
export const kinds: readonly Kind[] = ["C", "Deno", "Node", "ours", "ours on Node"];

/** One slice of a server under a load. */
interface Sample extends LoadResult, CpuTime {
  /** How long the load lasted, in seconds. */
  readonly wall: number;
  /** The server's time for a connection and its first message, in microseconds. */
  readonly connection_us: number;
}

/** Where processor time goes, over all rounds. */
export interface Cost {
  /** The server's time a message, in microseconds, and which part of it was spent in the kernel. */
  readonly us: number;
  readonly kernel: number;
  /** Which part of the time the server wanted a core, and the load generator. */
  readonly server: number;
  readonly load: number;
}

/** All slices of one load, by server: one a round. */
export class CellFigures {
  readonly cell: Cell;
  readonly framing: Framing;
  readonly samples: Record<Kind, Sample[]> = { C: [], Deno: [], Node: [], ours: [], "ours on Node": [] };

  constructor(cell: Cell, framing: Framing) {
    this.cell = cell;
    this.framing = framing;
  }

  /** The median of a figure. */
  of(kind: Kind, figure: keyof Sample = this.cell.figure): number {
    return median(this.samples[kind].map((sample) => sample[figure]));
  }

  /** How many times one is the other in each round: what slowed a whole round falls on both. */
  ratios(kind: Kind, other: Kind, figure: keyof Sample = this.cell.figure): number[] {
    return this.samples[kind].map((sample, i) => sample[figure] / this.samples[other][i][figure]);
  }

  /** The median of those. */
  ratio(kind: Kind, other: Kind, figure?: keyof Sample): number {
    return median(this.ratios(kind, other, figure));
  }

  /** Where processor time goes. */
  cost(kind: Kind): Cost {
    const sum = (of: (sample: Sample) => number) => this.samples[kind].reduce((total, each) => total + of(each), 0);
    const spent = sum((each) => each.user + each.system);
    const wall = sum((each) => each.wall);
    return {
      us: spent * 1e6 / sum((each) => each.all_messages),
      kernel: sum((each) => each.system) / spent,
      server: sum((each) => each.wanted) / wall,
      load: sum((each) => each.user_s + each.system_s + each.waited_s) / wall,
    };
  }
}

/** How to measure. */
export interface CellOptions {
  readonly rounds: number;
  /** How long a slice takes, in seconds. */
  readonly seconds: number;
}

/** Measures every server under every load; a first, short round warms up and does not count. */
export async function measureCells(
  tools: Tools,
  framing: Framing,
  { rounds, seconds }: CellOptions,
  say: (progress: string) => void,
): Promise<CellFigures[]> {
  await using running = new AsyncDisposableStack();
  const servers: Partial<Record<Kind, RunningServer>> = {};
  for (const kind of kinds) servers[kind] = running.use(await RunningServer.start(serverCommand(kind, framing, tools)));
  const figures = cells.map((cell) => new CellFigures(cell, framing));
  for (let round = -1; round < rounds; round++) {
    say(`${framing}, ${round < 0 ? "warm-up" : `round ${round + 1} of ${rounds}`}`);
    for (const { cell, samples } of figures) {
      for (const kind of turned(kinds, round + 1)) {
        const sample = await slice(tools, servers[kind]!, framing, cell, round < 0 ? seconds / 2 : seconds);
        if (round >= 0) samples[kind].push(sample);
      }
    }
  }
  return figures;
}

async function slice(tools: Tools, server: RunningServer, framing: Framing, load: Load, seconds: number) {
  const idle = server.cpu();
  let [before, began] = [idle, performance.now()];
  const result = await runLoad(tools, server, framing, load, seconds, () => {
    before = server.cpu();
    began = performance.now();
  });
  const wall = (performance.now() - began) / 1e3;
  const after = server.cpu();
  const since = (from: CpuTime, to: CpuTime, what: keyof CpuTime) => to[what] - from[what];
  return {
    ...result,
    user: since(before, after, "user"),
    system: since(before, after, "system"),
    wanted: since(before, after, "wanted"),
    wall,
    connection_us: (since(idle, before, "user") + since(idle, before, "system")) * 1e6 / load.connections,
  };
}
