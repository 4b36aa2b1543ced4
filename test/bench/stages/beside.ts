/**
 * The stages beside other libraries, on the runtime that runs this file: `beside.ts ROUNDS SLICE_MS`. Prints JSON.
 *
 * @module
 */
import process from "node:process";
import { type Figure, measure, slower } from "../measure.ts";
import { otherGroups } from "./others.ts";

/** What came of a group: a line of the output. */
export interface Beside {
  readonly title: string;
  readonly unit: string;
  readonly figures: readonly Figure[];
  /** Where another was faster, in words. */
  readonly losses: readonly string[];
}

const [rounds, sliceMs] = process.argv.slice(2).map(Number);
for (const group of otherGroups()) {
  const figures = await measure(group, { rounds, sliceMs });
  const { title, unit } = group;
  console.log(JSON.stringify({ title, unit, figures, losses: slower(group, figures) } satisfies Beside));
}
