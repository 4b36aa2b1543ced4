/**
 * Ten thousand peers at once.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { kinds } from "./cells.ts";
import { type Framing, type Kind, serverCommand, type Tools } from "./kinds.ts";
import { type LoadResult, runLoad } from "./load.ts";
import { RunningServer } from "./process.ts";

/** The most peers: what our server admits by default. */
export const CROWD = 10_000;

/** What came of a server among them. */
export interface CrowdFigures {
  readonly kind: Kind;
  readonly framing: Framing;
  readonly result: LoadResult;
  readonly peakMiB: number;
}

/** How many peers the file descriptors permit, each side has one for each of them. */
export function crowdSize(): number {
  const most = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
  return most === "unlimited" ? CROWD : Math.min(CROWD, Number(most) - 100);
}

/** Every peer sends and receives messages of 64 B, one at a time, for a second. */
export async function measureCrowd(tools: Tools): Promise<CrowdFigures[]> {
  const load = { connections: crowdSize(), bytes: 64, window: 1 };
  const figures: CrowdFigures[] = [];
  for (const framing of ["raw", "message"] as const) {
    for (const kind of kinds) {
      if (framing === "message" ? kind !== "ours" : kind === "Deno" || kind === "Node") continue;
      await using server = await RunningServer.start(serverCommand(kind, framing, tools));
      const result = await runLoad(tools, server, framing, load, 1);
      figures.push({ kind, framing, result, peakMiB: server.peakMiB });
    }
  }
  return figures;
}
