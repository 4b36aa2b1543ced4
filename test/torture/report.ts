/**
 * The outcomes as a page of Markdown: what did not hold and where another is better, on top.
 *
 * @module
 */
import { short, table } from "../bench/tables.ts";
import type { Figure, Row } from "./row.ts";
import type { Outcome } from "./run_row.ts";

/** A rough figure has to be twice as good to be better: the machine is shared. */
const ROUGH = 2;
/** Below so many units (milliseconds, MiB) rough figures say nothing. */
const NOISE = 5;

/** True if the figure of another is better. */
export function isBetter(theirs: Figure, own: Figure): boolean {
  if (theirs.better === undefined || Number.isNaN(theirs.value)) return false;
  const [less, more] = theirs.better === "less" ? [theirs.value, own.value] : [own.value, theirs.value];
  return theirs.rough ? more > NOISE && less * ROUGH < more : less < more;
}

/** Where another server has the better figure, in words. Where another fell, none of its figures is one. */
export function losses(outcomes: readonly Outcome[]): string[] {
  return outcomes.filter(({ ours }) => ours).flatMap((own) => {
    const others = outcomes.filter(({ row, ours, verdict }) => row === own.row && !ours && verdict === "held");
    return own.figures.flatMap((figure) =>
      others.flatMap(({ server, figures }) => {
        const theirs = figures.find(({ name }) => name === figure.name);
        if (theirs === undefined || !isBetter(theirs, figure)) return [];
        return [`\`${own.row}\`, ${own.server}: ${figure.name} ${valueOf(figure)}, ${server} ${valueOf(theirs)}`];
      })
    );
  });
}

const valueOf = ({ value, unit }: Figure) => unit === undefined ? short(value) : `${short(value)} ${unit}`;

function chapter(row: Row, outcomes: readonly Outcome[]): string {
  const own = outcomes.filter((outcome) => outcome.row === row.id);
  if (own.length === 0) return "";
  const names = [...new Set(own.flatMap(({ figures }) => figures.map(({ name }) => name)))];
  const lines = own.map(({ server, verdict, figures, seconds }) => [
    server,
    verdict,
    ...names.map((name) => {
      const figure = figures.find((each) => each.name === name);
      return figure === undefined ? "" : valueOf(figure);
    }),
    `${seconds} s`,
  ]);
  const said = own.flatMap(({ server, failures, note }) => [
    ...failures.map((failure) => `- ${server}: ${failure}`),
    ...(note === undefined ? [] : [`- ${server}: ${note}`]),
  ]);
  const parts = [`## \`${row.id}\``, `${row.title}.`, table(["server", "verdict", ...names, "took"], lines)];
  return [...parts, ...(said.length > 0 ? [said.join("\n")] : [])].join("\n\n");
}

/** The whole page. */
export function page(head: string, rows: readonly Row[], outcomes: readonly Outcome[]): string {
  const fell = outcomes.filter(({ ours, verdict }) => ours && verdict === "fell");
  const list = (items: string[], none: string) => items.length > 0 ? items.map((item) => `- ${item}`).join("\n") : none;
  return [
    "# It holds",
    head,
    "## What did not hold",
    list(fell.map(({ row, server, failures }) => `\`${row}\`, ${server}: ${failures.join("; ")}`), "All of ours held."),
    "## Losses",
    list(losses(outcomes), "No other server had a better figure."),
    ...rows.map((row) => chapter(row, outcomes)).filter(Boolean),
  ].join("\n\n") + "\n";
}
