/**
 * The micro-benchmarks: stages and framings, joined in different ways, and beside other libraries.
 *
 * @module
 */
import { type Figure, measure, type MeasureOptions } from "./measure.ts";
import { framingGroups } from "./stages/framings.ts";
import { joiningGroups } from "./stages/joining.ts";
import { otherGroups } from "./stages/others.ts";
import { table } from "./tables.ts";

/** Measures all groups; Markdown. */
export async function benchStages(options: MeasureOptions, say: (progress: string) => void): Promise<string> {
  const parts: string[] = [];
  const chapters = [
    ["Framings, by calls alone", framingGroups()],
    ["Stages joined", joiningGroups()],
    ["Beside other libraries", otherGroups()],
  ] as const;
  for (const [title, groups] of chapters) {
    const rows: (string | number)[][] = [];
    for (const group of groups) {
      say(group.title);
      const figures: Figure[] = await measure(group, options);
      for (const { name, ns, mbPerSecond } of figures) {
        rows.push([`${group.title}: ${name}`, `${ns.toFixed(ns < 100 ? 1 : 0)} a ${group.unit}`, mbPerSecond]);
      }
    }
    parts.push(`### ${title}`, table(["work", "ns", "MB/s"], rows));
  }
  return parts.join("\n\n");
}
