/**
 * What the project wants to reach, and where a run falls short of it, in words.
 *
 * @module
 */
import type { BulkFigures } from "./servers/bulk.ts";
import type { CellFigures } from "./servers/cells.ts";
import type { Framing, Kind } from "./servers/kinds.ts";
import type { MemoryFigures, StartFigure } from "./servers/starting.ts";

/** At least so many times another server. */
interface Goal {
  readonly cell: string;
  readonly other: Kind;
  readonly raw: number;
  readonly message: number;
}

const goals: readonly Goal[] = [
  { cell: "64 KiB x 16", other: "C", raw: 1.1, message: 0.9 },
  { cell: "1 KiB x 64", other: "C", raw: 0.95, message: 0.9 },
  { cell: "1 KiB x 1024", other: "C", raw: 1, message: 0.85 },
  { cell: "64 B, 50 peers", other: "Deno", raw: 3.5, message: 3 },
  { cell: "64 B, 50 peers", other: "Node", raw: 1, message: 0.95 },
  { cell: "64 B, 1000 peers", other: "Deno", raw: 3, message: 2.5 },
];
const ON_NODE = 0.9;
const P99: Readonly<Record<Framing, number>> = { raw: 2.5, message: 3 };
const PEER_KIB: Readonly<Record<Framing, number>> = { raw: 10, message: 12 };
const CLIENT_MIB = 120;
const START = 1.3;

const two = (value: number) => value.toFixed(2);
const names: Readonly<Record<Kind, string>> = {
  C: "the C server",
  Deno: "Deno's own pipe",
  Node: "Node's own pipe",
  ours: "ours",
  "ours on Node": "ours on Node",
};

/** One thing that was wanted. */
interface Verdict {
  readonly reached: boolean;
  readonly words: string;
}

/** What is wanted of a load; empty where nothing is. */
function ofCell(figures: CellFigures): Verdict[] {
  const { cell, framing } = figures;
  const where = `\`${framing}\`, ${cell.name}`;
  const verdicts = goals.filter((goal) => goal.cell === cell.name).map((goal) => {
    const [ratio, wanted] = [figures.ratio("ours", goal.other), goal[framing]];
    return { reached: ratio >= wanted, words: `${where}: ${two(ratio)} x ${names[goal.other]}, wanted ${two(wanted)}` };
  });
  const onNode = figures.ratio("ours on Node", "Node");
  verdicts.push({
    reached: onNode >= ON_NODE,
    words: `${where}, on Node: ${two(onNode)} x ${names.Node}, wanted ${two(ON_NODE)}`,
  });
  if (cell.name === "64 B, 50 peers") {
    const [ratio, most] = [figures.ratio("ours", "C", "p99_us"), P99[framing]];
    verdicts.push({
      reached: ratio <= most,
      words: `${where}: 99th percentile ${two(ratio)} x ${names.C}, wanted at most ${two(most)}`,
    });
  }
  return verdicts;
}

/** Everything that was wanted of loads. */
export function ofCells(figures: readonly CellFigures[]): Verdict[] {
  return figures.flatMap(ofCell);
}

/** What was wanted of memory. */
export function ofMemory(figures: readonly MemoryFigures[]): Verdict[] {
  return figures.filter(({ kind }) => kind === "ours").map(({ framing, peerKiB }) => ({
    reached: peerKiB <= PEER_KIB[framing],
    words: `\`${framing}\`: ${two(peerKiB)} KiB for an idle peer, wanted at most ${PEER_KIB[framing]}`,
  }));
}

/** What was wanted of the start. */
export function ofStarts(figures: readonly StartFigure[]): Verdict[] {
  const { ratio } = figures[1];
  return [{
    reached: ratio <= START,
    words: `Start: ${two(ratio)} x five lines on Deno, wanted at most ${two(START)}`,
  }];
}

/** What was wanted of the bulk client. */
export function ofBulk(figures: readonly BulkFigures[]): Verdict[] {
  const [other, ours] = figures;
  return [
    {
      reached: ours.ratio <= 1,
      words: `Bulk client: ${two(ours.ratio)} x the time of ${other.name}, wanted at most 1`,
    },
    ...(["clientMiB", "serverMiB"] as const).map((side) => ({
      reached: ours[side] <= CLIENT_MIB,
      words: `Bulk ${side.replace("MiB", "")}: ${
        Math.round(ours[side])
      } MiB at most in use, wanted under ${CLIENT_MIB}`,
    })),
  ];
}

/** The losses, as a list in Markdown. */
export function losses(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return "No aim was measured.";
  const lost = verdicts.filter(({ reached }) => !reached);
  if (lost.length === 0) return `All ${verdicts.length} aims are reached in this run.`;
  return `${lost.length} of ${verdicts.length} aims are not reached in this run:\n\n` +
    lost.map(({ words }) => `- ${words}`).join("\n");
}
