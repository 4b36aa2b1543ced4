/**
 * The results page: what was measured is written anew, what was found out about it is kept.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const page = new URL("./RESULTS.md", import.meta.url);
/** From here on the page is written by hand. */
const BY_HAND = "## Where time goes";

/** What a run came to. */
export interface Run {
  readonly command: string;
  readonly date: Date;
  readonly machine: string;
  /** How busy the machine was before, in processes. */
  readonly busy: number;
  readonly method: string;
  /** Where the aims were not reached. */
  readonly losses: string;
  /** Where another library was faster. */
  readonly slower: readonly string[];
  readonly servers: string;
  readonly stages: string;
}

/** The part of the page that is measured. */
export function measured({ command, date, machine, busy, method, losses, slower, servers, stages }: Run): string {
  return `# Figures

Made by \`${command}\` on ${date.toISOString().slice(0, 10)}; the sections up to "${BY_HAND.slice(3)}" are its output.

${machine}
- ${busy.toFixed(1)} processes were at work in the minute before. The machine is shared, and the same figure may halve
  from one second to the next: hence short slices, many rounds, and ratios within a round.

${method}

## Losses

${losses}

Another library was faster:

${slower.map((line) => `- ${line}`).join("\n") || "- none, where one was measured"}

## Servers and client

${servers}

## Stages and framings

${stages}
`;
}

/** Replaces one chapter of the page, or adds it before the stages; it says by which command it was made. */
export function writeChapter(chapter: string, { command, date }: Pick<Run, "command" | "date">): void {
  const [title, ...rest] = chapter.split("\n");
  const made = `Made by \`${command}\` on ${date.toISOString().slice(0, 10)}.`;
  const text = [title, "", made, ...rest].join("\n");
  const before = readFileSync(page, "utf8");
  const next = before.indexOf("\n## Stages and framings");
  const from = before.indexOf(`\n${title}\n`);
  const to = from < 0 ? next : before.indexOf("\n##", from + title.length);
  const kept = before.slice(0, from < 0 ? next : from);
  writeFileSync(page, `${kept}\n${text}\n${before.slice(to)}`);
  execFileSync(Deno.execPath(), ["fmt", "--quiet", fileURLToPath(page)]);
}

/** Writes the page, in the project's format. */
export function writePage(text: string): void {
  let byHand = `${BY_HAND}\n`;
  try {
    const before = readFileSync(page, "utf8");
    const at = before.indexOf(`\n${BY_HAND}`);
    if (at >= 0) byHand = before.slice(at + 1);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
  writeFileSync(page, `${text}\n${byHand}`);
  execFileSync(Deno.execPath(), ["fmt", "--quiet", fileURLToPath(page)]);
}
