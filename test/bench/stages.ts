/**
 * The micro-benchmarks: stages and framings, joined in different ways, and beside other libraries.
 *
 * @module
 */
import { measure, type MeasureOptions, slower } from "./measure.ts";
import { framingGroups } from "./stages/framings.ts";
import { joiningGroups } from "./stages/joining.ts";
import { otherGroups } from "./stages/others.ts";
import { table } from "./tables.ts";

/** Measures all groups: figures in Markdown, and where another is faster. */
export async function benchStages(
  options: MeasureOptions,
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
    ["Stages joined", "The same four stages, fused and not.", joiningGroups()],
    ["Beside other libraries", "Over asynchronous iterators, lines over streams.", otherGroups()],
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
  return { figures: parts.join("\n\n"), losses };
}
