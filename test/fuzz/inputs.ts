/**
 * Inputs: the kept ones of a folder in `corpus/`, and mutations of them without end.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SeededRandom } from "../support/random.ts";
import { mutate } from "./mutate.ts";

/** The kept inputs of a corpus, by file name. */
export function corpus(name: string): Map<string, Uint8Array> {
  const folder = fileURLToPath(new URL(`./corpus/${name}/`, import.meta.url));
  const files = readdirSync(folder).sort();
  return new Map(files.map((file) => [file, new Uint8Array(readFileSync(folder + file))]));
}

/** The kept inputs, then `count` mutations of them: the same for the same seed. */
export function* inputsFor(name: string, seed: number, count = Infinity): Generator<Uint8Array> {
  const kept = [...corpus(name).values()];
  yield* kept;
  const random = new SeededRandom(seed);
  for (let i = 0; i < count; i++) yield mutate(random.pick(kept), random, kept);
}
