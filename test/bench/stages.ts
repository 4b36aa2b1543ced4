/**
 * The micro-benchmarks: stages and framings, joined in different ways, and beside other libraries.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { measure, type MeasureOptions, slower } from "./measure.ts";
import { framingGroups } from "./stages/framings.ts";
import { grammarGroups } from "./stages/grammars.ts";
import { joiningGroups } from "./stages/joining.ts";
import type { Beside } from "./stages/beside.ts";
import { table } from "./tables.ts";

/** Measures all groups: figures in Markdown, and where another is faster. */
export async function benchStages(
  options: MeasureOptions,
  node: string,
  say: (progress: string) => void,
): Promise<{ figures: string; losses: string[] }> {
  const parts: string[] = [];
  const losses: string[] = [];
  const chapters = [
    [
      "Framings, by calls alone",
      "The stage's own cost, without a stream around it. Nothing is copied: MB/s is how fast bytes are passed by.",
      framingGroups(),
    ],
    ["Grammars", "A decoder written as a generator, beside the same by hand.", grammarGroups()],
    ["Stages joined", "The same four stages, fused and not.", joiningGroups()],
  ] as const;
  for (const [title, meaning, groups] of chapters) {
    const rows: (string | number)[][] = [];
    for (const group of groups) {
      say(group.title);
      const figures = await measure(group, options);
      losses.push(...slower(group, figures));
      for (const { name, ns, mbPerSecond } of figures) {
        rows.push([`${group.title}: ${name}`, `${ns.toFixed(ns < 100 ? 1 : 0)} a ${group.unit}`, mbPerSecond]);
      }
    }
    parts.push(`### ${title}`, meaning, table(["work", "ns", "MB/s"], rows));
  }
  parts.push("### Beside other libraries", BESIDE);
  for (const [runtime, command] of [["Deno", [Deno.execPath(), "run", "-A"]], ["Node", [node]]] as const) {
    say(`beside other libraries, on ${runtime}`);
    const groups = besideOthers([...command], options);
    losses.push(...groups.flatMap(({ losses }) => losses.map((loss) => `${runtime}: ${loss}`)));
    const rows = groups.flatMap(({ title, unit, figures }) =>
      figures.map(({ name, ns, ratio }) => [
        `${title}: ${name}`,
        `${ns.toFixed(ns < 100 ? 1 : 0)} a ${unit}`,
        ratio === undefined || name.startsWith("echopipe") ? "" : ratio.toFixed(2),
      ])
    );
    parts.push(`#### On ${runtime}`, table(["work", "ns", "echopipe's time / this one's"], rows));
  }
  return { figures: parts.join("\n\n"), losses };
}

const BESIDE =
  `Each does the same work in its usual way: a handler is a stage here, a listener of \`data\` events there. The last
column is the median of the ratios within each round: below 1, echopipe is faster.`;

/** Measures in a process of the runtime. */
function besideOthers(command: string[], { rounds, sliceMs }: MeasureOptions): Beside[] {
  const file = fileURLToPath(new URL("./stages/beside.ts", import.meta.url));
  const [program, ...args] = [...command, file, String(rounds), String(sliceMs)];
  const text = execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return text.trim().split("\n").map((line) => JSON.parse(line) as Beside);
}
