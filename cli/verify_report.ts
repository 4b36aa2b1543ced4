/**
 * The report of `deno task verify`, for people and for programs.
 *
 * @module
 */
import { printable, printableJson } from "../src/printable.ts";
import { type Case, type CaseResult, countResults, type Section } from "../src/verify/mod.ts";
import type { Compared } from "./verify_expected.ts";

/** All that a report tells. */
export interface Report {
  /** `ADDRESS:PORT` of the server. */
  readonly target: string;
  readonly results: readonly CaseResult[];
}

/** The version of the JSON object: another one may have other fields, never the same with another meaning. */
const JSON_VERSION = 1;

/** The columns of a line: result and id. */
const marks = { passed: "ok", failed: "FAILED", skipped: "skipped" } as const;

/** The two verdicts. */
function verdictsOf({ bytes, ending }: CaseResult): string {
  return `bytes ${bytes}, ending ${ending}`;
}

/** True if a case passed that `--strict` would not let pass. */
function isLax({ bytes, ending, result }: CaseResult): boolean {
  return result === "passed" && [bytes, ending].includes("not-strict");
}

/** The line of a result, and below it what was expected where it failed. */
export function resultText(result: CaseResult): string {
  const { case: { id, title }, actual } = result;
  const mark = isLax(result) ? "lax" : marks[result.result];
  const line = `  ${mark.padEnd(8)}${id.padEnd(28)}${title}`;
  if (result.result === "failed") return `${line}\n${detail(result)}`;
  return printable(result.result === "skipped" || isLax(result) ? `${line}: ${actual}` : line) + "\n";
}

/** Expected and actual, and the paragraph. */
function detail(result: CaseResult): string {
  const { case: { expected, requirement }, actual } = result;
  const rows = [["expected", expected], ["actual", `${actual} (${verdictsOf(result)})`], ["by", requirement]];
  return rows.map(([name, text]) => printable(`          ${name.padEnd(9)} ${text}`) + "\n").join("");
}

/** The heading of a section. */
export function sectionText(section: Section): string {
  return `\n${section}\n`;
}

/** The last part: failures once more, and the numbers. */
export function summaryText(results: readonly CaseResult[], { unexpected, expected, stale }: Compared): string {
  const list = (heading: string, rows: readonly string[]) => rows.length === 0 ? "" : `\n${heading}\n${rows.join("")}`;
  const { passed, failed, skipped } = countResults(results);
  return [
    list("Failed:", unexpected.map(resultText)),
    list("Failed, as expected:", expected.map((one) => `  ${one.case.id}\n`)),
    list("Expected to fail, but passed or not a case:", stale.map((id) => `  ${printable(id)}\n`)),
    `\n${results.length} cases, ${passed} passed, ${skipped} skipped, ${failed} failed\n`,
  ].join("");
}

/** A line for each case, for `--list`. */
export function listText(cases: readonly Case[]): string {
  return cases.map(({ id, title, requirement }) => `${id.padEnd(28)}${title}  (${requirement})\n`).join("");
}

/** The fields of a case, in JSON. */
function caseFields({ id, section, title, requirement }: Case): Record<string, string> {
  return { id, section, title, requirement };
}

/** The JSON object of `--list`. */
export function listJson(cases: readonly Case[]): string {
  const listed = cases.map((one) => ({ ...caseFields(one), expected: one.expected }));
  return `${JSON.stringify({ version: JSON_VERSION, cases: listed }, null, 2)}\n`;
}

/** The JSON object of a run. */
export function reportJson({ target, results }: Report): string {
  const { passed, failed, skipped } = countResults(results);
  const cases = results.map(({ case: one, result, bytes, ending, actual }) => ({
    ...caseFields(one),
    result,
    bytes,
    ending,
    expected: one.expected,
    actual,
  }));
  return `${printableJson({ version: JSON_VERSION, target, passed, failed, skipped, cases })}\n`;
}
