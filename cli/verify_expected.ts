/**
 * Failures that are expected: `--expected-failures`.
 *
 * @module
 */
import type { CaseResult } from "../src/verify/mod.ts";
import { readText } from "./text_file.ts";

/** The ids in a file: one a line, `#` begins a comment. Throws as `readText` does. */
export function readExpectedFailures(path: string | undefined): string[] {
  if (path === undefined) return [];
  const lines = readText("--expected-failures", path).split(/\r?\n/).map((line) => line.replace(/#.*/, "").trim());
  return [...new Set(lines.filter((line) => line !== ""))];
}

/** Results beside what was expected of them. */
export interface Compared {
  /** Failures that were not expected. */
  readonly unexpected: readonly CaseResult[];
  /** Failures that were. */
  readonly expected: readonly CaseResult[];
  /** Expected ones that passed, and ids that no case has. */
  readonly stale: readonly string[];
}

/** Compares results with the ids that were expected to fail. `known`: all ids that there are. */
export function compareWithExpected(
  results: readonly CaseResult[],
  ids: readonly string[],
  known: ReadonlySet<string>,
): Compared {
  const failed = results.filter(({ result }) => result === "failed");
  const passed = new Set(results.filter(({ result }) => result === "passed").map((one) => one.case.id));
  return {
    unexpected: failed.filter((one) => !ids.includes(one.case.id)),
    expected: failed.filter((one) => ids.includes(one.case.id)),
    stale: ids.filter((id) => passed.has(id) || !known.has(id)),
  };
}
