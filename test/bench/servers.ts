/**
 * The whole server and client, beside others: each a process of its own, measured in turn.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { losses, ofBulk, ofCells, ofMemory, ofStarts } from "./goals.ts";
import { measureBulk } from "./servers/bulk.ts";
import { measureCells } from "./servers/cells.ts";
import { crowdSize, measureCrowd } from "./servers/crowd.ts";
import { measureFairness } from "./servers/fairness.ts";
import { prepare, type Tools } from "./servers/kinds.ts";
import * as report from "./servers/report.ts";
import { measureMemory, measureStarts } from "./servers/starting.ts";

/** What to measure, and how long. */
export interface ServerBenchOptions {
  /** The parts that are wanted. */
  readonly parts: ReadonlySet<string>;
  readonly rounds: number;
  /** How long a slice takes, in seconds. */
  readonly seconds: number;
  /** How many idle peers. */
  readonly idle: number;
  /** The size of the file for the bulk client, in MiB. */
  readonly mebibytes: number;
}

/** Measures the parts that are wanted. */
export async function benchServers(
  options: ServerBenchOptions,
  say: (progress: string) => void,
): Promise<{ figures: string; losses: string; tools: Tools }> {
  const folder = await mkdtemp(join(tmpdir(), "echopipe-bench-"));
  try {
    const tools = prepare(folder);
    return { ...await measureParts(tools, options, say), tools };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureParts(
  tools: Tools,
  { parts, rounds, seconds, idle, mebibytes }: ServerBenchOptions,
  say: (progress: string) => void,
) {
  const chapters: string[] = [];
  const verdicts: ReturnType<typeof ofCells> = [];
  if (parts.has("cells")) {
    const raw = await measureCells(tools, "raw", { rounds, seconds }, say);
    const all = [...raw, ...await measureCells(tools, "message", { rounds, seconds }, say)];
    verdicts.push(...ofCells(all));
    chapters.push("### Throughput", report.throughputTable(all));
    chapters.push("### Latency", report.latencyTable(all));
    chapters.push(
      "### Processor time: what a message costs, and what bounds each load",
      report.costTable(all),
      report.connectionTable(all),
    );
  }
  if (parts.has("memory")) {
    say("memory of idle peers");
    const figures = await measureMemory(tools, idle, Math.min(rounds, 2));
    verdicts.push(...ofMemory(figures));
    chapters.push(`### Memory, ${idle.toLocaleString("en-US")} idle peers`, report.memoryTable(figures));
  }
  if (parts.has("crowd")) {
    say("ten thousand peers");
    chapters.push("### Very many peers", report.crowdTable(await measureCrowd(tools), crowdSize()));
  }
  if (parts.has("fairness")) {
    const figures = await measureFairness(tools, say);
    chapters.push("### Beside clients that send in bulk", report.fairnessTable(figures));
  }
  if (parts.has("start")) {
    say("start-up");
    const figures = await measureStarts(tools, rounds + 2);
    verdicts.push(...ofStarts(figures));
    chapters.push("### Start-up", report.startTable(figures));
  }
  if (parts.has("bulk")) {
    say("bulk client");
    const figures = await measureBulk(tools, mebibytes, Math.min(rounds, 3));
    verdicts.push(...ofBulk(figures));
    chapters.push("### Bulk client", report.bulkTable(figures, mebibytes));
  }
  return { figures: chapters.join("\n\n"), losses: losses(verdicts) };
}
