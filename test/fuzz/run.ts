/**
 * Runs a target on the kept inputs and their mutations.
 *
 * @module
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "../support/random.ts";
import { inputsFor } from "./inputs.ts";
import type { FuzzTarget } from "./target.ts";
import { codecs } from "./targets/codecs.ts";
import { connections } from "./targets/connections.ts";
import { documents } from "./targets/documents.ts";
import { framings } from "./targets/framings.ts";

/** All targets. */
export const targets: readonly FuzzTarget[] = [...framings, ...codecs, ...connections, ...documents];

/** An input takes longer than this only if something is quadratic or worse, in milliseconds. */
const MAX_INPUT_MS = 5000;

/**
 * Runs for so many seconds, the kept inputs whatever they take; returns the number of inputs. An input that fails is kept
 * in a temporary folder, and named in the error.
 */
export async function fuzz(target: FuzzTarget, seed: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  const random = new SeededRandom(seed + 1);
  let count = 0;
  for (const input of inputsFor(target.corpus, seed)) {
    const began = performance.now();
    try {
      await target.check(input, random);
      if (performance.now() - began > MAX_INPUT_MS) throw new Error(`it took more than ${MAX_INPUT_MS} ms`);
    } catch (cause) {
      const path = keep(target.name, input);
      throw new Error(`Cannot read input ${count} of ${target.name} (seed ${seed}): ${cause}; kept as ${path}`, {
        cause,
      });
    }
    count++;
    if (performance.now() > end) break;
  }
  return count;
}

/** Runs a target on one input, from a file. */
export async function checkOne(target: FuzzTarget, input: Uint8Array): Promise<void> {
  await target.check(input, new SeededRandom(1));
}

function keep(name: string, input: Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), "echopipe-fuzz-")), name);
  writeFileSync(path, input);
  return path;
}
