/**
 * The report of `deno task verify` as files: JUnit XML, and a page.
 *
 * @module
 */
import { printable } from "../src/printable.ts";
import { type CaseResult, countResults, sections } from "../src/verify/mod.ts";
import type { Report } from "./verify_report.ts";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text for XML and HTML, quoted attributes included; characters that XML 1.0 forbids are replaced. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"]/g, (character) => entities[character]).replaceAll(/[\ufffe\uffff]/g, "\ufffd");
}

/** The sections that were run, with their results. */
function bySection(results: readonly CaseResult[]): { section: string; ofSection: CaseResult[] }[] {
  return sections.map((section) => ({ section, ofSection: results.filter((one) => one.case.section === section) }))
    .filter(({ ofSection }) => ofSection.length > 0);
}

/** JUnit XML, as CI systems read it: a suite for each section. */
export function junitXml({ target, results }: Report): string {
  const counts = (some: readonly CaseResult[]) => {
    const { failed, skipped } = countResults(some);
    const seconds = some.reduce((total, { ms }) => total + ms, 0) / 1000;
    return `tests="${some.length}" failures="${failed}" errors="0" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  };
  const testCase = (one: CaseResult) => {
    const { case: { id, section, title, requirement, expected }, result, actual, ms } = one;
    const text = `requirement: ${requirement}\nexpected: ${expected}\nactual: ${actual}`;
    const inner = result === "failed"
      ? `<failure message="${escaped(actual)}">${text.split("\n").map(escaped).join("\n")}</failure>`
      : result === "skipped"
      ? `<skipped message="${escaped(actual)}"/>`
      : "";
    const name = escaped(`${id} ${title}`);
    return `    <testcase classname="verify.${section}" name="${name}" time="${
      (ms / 1000).toFixed(3)
    }">${inner}</testcase>\n`;
  };
  const suites = bySection(results).map(({ section, ofSection }) =>
    `  <testsuite name="${section}" ${counts(ofSection)}>\n${ofSection.map(testCase).join("")}  </testsuite>\n`
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="verify ${escaped(target)}" ${counts(results)}>\n` +
    `${suites.join("")}</testsuites>\n`;
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .3rem .6rem; vertical-align: top; }
td:first-child { white-space: nowrap; font-family: ui-monospace, monospace; }
.passed { color: light-dark(#1a7f37, #4ac26b); } .failed { color: light-dark(#cf222e, #ff7b72); font-weight: bold; }
.skipped { opacity: .7; } small { opacity: .8; }
`;

/** One page of HTML of no outside parts, for light and dark. */
export function reportHtml({ target, results }: Report): string {
  const { passed, failed, skipped } = countResults(results);
  const row = ({ case: { id, title, requirement, expected }, result, bytes, ending, actual }: CaseResult) =>
    `<tr><td>${escaped(id)}<td class="${result}">${result}<td>${escaped(title)}<br><small>expected: ${
      escaped(expected)
    }` +
    `<br>actual: ${escaped(actual)}<br>bytes ${bytes}, ending ${ending}; ${escaped(requirement)}</small>\n`;
  const tables = bySection(results).map(({ section, ofSection }) =>
    `<h2>${section}</h2>\n<table>\n${ofSection.map(row).join("")}</table>\n`
  );
  const numbers = `${results.length} cases, ${passed} passed, ${skipped} skipped, ${failed} failed`;
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>verify ${escaped(target)}</title>\n` +
    `<meta name="viewport" content="width=device-width">\n<style>${style}</style>\n` +
    `<h1>${escaped(target)}</h1>\n<p>${numbers}</p>\n${tables.join("")}</html>\n`;
}
