/**
 * Runs one row on one server, under its deadline.
 *
 * @module
 */
import { type Finding, NotHere, type Row, withinTime } from "./row.ts";
import type { Target } from "./target.ts";

/** What came of a row on a server. */
export interface Outcome {
  readonly row: string;
  readonly server: string;
  readonly ours: boolean;
  readonly verdict: "held" | "fell" | "skipped";
  readonly figures: Finding["figures"];
  readonly failures: readonly string[];
  readonly note?: string;
  readonly seconds: number;
}

/** Runs a row; an error of the row is a failure, {@linkcode NotHere} skips it. Never rejects. */
export async function runRow(row: Row, target: Target, size: number): Promise<Outcome> {
  const began = performance.now();
  const outcome = (verdict: Outcome["verdict"], { figures, failures, note }: Finding): Outcome => {
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    const about = { row: row.id, server: target.name, ours: target.ours, verdict, figures, failures, seconds };
    return note === undefined ? about : { ...about, note };
  };
  try {
    // Starting servers takes a while, however small the row is.
    const limit = Math.max(60, row.deadline * Math.min(1, size * 2)) * 1000;
    const finding = await withinTime(row.run(target, size), limit, `the end of the row "${row.id}"`);
    return outcome(finding.failures.length === 0 ? "held" : "fell", finding);
  } catch (error) {
    if (error instanceof NotHere) return outcome("skipped", { figures: [], failures: [], note: error.message });
    return outcome("fell", { figures: [], failures: [error instanceof Error ? error.message : String(error)] });
  }
}
