/**
 * The runner of cases.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Case, CaseResult, Finding } from "./case.ts";
import type { Tester } from "./tester.ts";

/** Callbacks of a run. */
export interface RunEvents {
  /** Called before a case. `number` begins at 1. */
  begin?(one: Case, number: number): void;
  /** Called after it. */
  end?(result: CaseResult): void;
}

/**
 * Runs cases one after the other, until the tester is stopped: the case that was under way then has no result. `strict`: the
 * verdict `not-strict` is a failure.
 */
export async function runCases(
  cases: readonly Case[],
  tester: Tester,
  strict: boolean,
  events: RunEvents = {},
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const [i, one] of cases.entries()) {
    if (tester.stopped) break;
    events.begin?.(one, i + 1);
    const began = performance.now();
    const finding = await tryCase(one, tester);
    if (tester.stopped) break;
    const { bytes, ending, actual } = finding;
    const result = {
      case: one,
      result: resultOf(finding, strict),
      bytes,
      ending,
      actual,
      ms: performance.now() - began,
    };
    results.push(result);
    events.end?.(result);
  }
  return results;
}

/** A connection that could not be made is a finding. */
async function tryCase(one: Case, tester: Tester): Promise<Finding> {
  try {
    return await one.run(tester);
  } catch (error) {
    if (!(error instanceof EchopipeError)) throw error;
    return { bytes: "failed", ending: "none", actual: error.message };
  }
}

function resultOf({ bytes, ending, skipped }: Finding, strict: boolean): CaseResult["result"] {
  if (skipped) return "skipped";
  const bad = strict ? ["failed", "not-strict"] : ["failed"];
  return bad.includes(bytes) || bad.includes(ending) ? "failed" : "passed";
}

/** Numbers of results. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts results. */
export function countResults(results: readonly CaseResult[]): Counts {
  const count = (result: CaseResult["result"]) => results.filter((one) => one.result === result).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}
