/**
 * `deno task fuzz [--seconds N] [--seed N] [TARGET...]`: mutations of the kept inputs, by default ten minutes in all, from
 * a new seed. `deno task fuzz TARGET FILE` runs one input again.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { checkOne, fuzz, targets } from "./run.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string" }, seed: { type: "string" } },
});
const names = targets.map(({ name }) => name);
const file = positionals.find((word) => !names.includes(word) && existsSync(word));
const unknown = positionals.find((word) => word !== file && !names.includes(word));
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const chosen = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const seconds = Number(values.seconds ?? 600 / chosen.length);
if (unknown !== undefined || !(seconds > 0) || !Number.isSafeInteger(seed) || chosen.length === 0) {
  console.error(
    `Cannot fuzz: ${positionals.join(" ") || "these numbers"}; expected --seconds N, --seed N, targets (${
      names.join(", ")
    })`,
  );
  process.exit(2);
}
for (const target of chosen) {
  if (file !== undefined) {
    await checkOne(target, new Uint8Array(readFileSync(file)));
    console.log(`${target.name}: ${file} holds`);
  } else console.log(`${target.name}: ${await fuzz(target, seed, seconds)} inputs, seed ${seed}`);
}
