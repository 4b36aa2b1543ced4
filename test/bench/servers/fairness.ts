/**
 * Honest peers and newcomers beside clients that send in bulk, without limit.
 *
 * @module
 */
import type { Kind, Tools } from "./kinds.ts";
import { serverCommand } from "./kinds.ts";
import { ended, RunningServer, start } from "./process.ts";

/** How many bulk clients. */
const CROWDS = [0, 10, 30, 100, 200, 300];
const SECONDS = 2;
const MEASURED: readonly Kind[] = ["C", "ours", "ours on Node"];

/** What the load generator prints: see `fairness.c`. */
interface FairnessResult {
  readonly honest_p50_us: number;
  readonly honest_p99_us: number;
  readonly newcomers: number;
  readonly newcomer_p50_us: number;
  readonly newcomer_longest_us: number;
  readonly bulk_mb_s: number;
  readonly unserved: number;
}

/** One server beside so many bulk clients. */
export interface FairnessFigures extends FairnessResult {
  readonly kind: Kind;
  readonly bulk: number;
}

/** Measures each server beside each number of bulk clients, framing `raw`. */
export async function measureFairness(tools: Tools, say: (progress: string) => void): Promise<FairnessFigures[]> {
  const figures: FairnessFigures[] = [];
  for (const bulk of CROWDS) {
    say(`beside ${bulk} bulk clients`);
    for (const kind of MEASURED) {
      await using server = await RunningServer.start(serverCommand(kind, "raw", tools));
      const command = [tools.fairness, "-n", String(bulk), "-t", String(SECONDS), String(server.port)];
      const json = await ended(start(command, ["ignore", "pipe", "pipe"]), "the load generator");
      figures.push({ kind, bulk, ...JSON.parse(json) as FairnessResult });
    }
  }
  return figures;
}
