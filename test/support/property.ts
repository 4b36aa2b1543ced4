/**
 * Properties with a seed that can be repeated: `PROPERTY_SEED=1234` for that one, `PROPERTY_SEED=random` for a new one.
 *
 * @module
 */
import process from "node:process";
import fc from "fast-check";

const wanted = process.env.PROPERTY_SEED ?? "20261120";

/** The seed of this process; a failure prints it, with the path to the smallest counterexample. */
export const seed = wanted === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);

/** Checks a property in so many runs. */
export async function holds<T extends [unknown, ...unknown[]]>(
  runs: number,
  property: fc.IAsyncProperty<T> | fc.IProperty<T>,
): Promise<void> {
  await fc.assert(property as fc.IAsyncProperty<T>, { seed, numRuns: runs, endOnFailure: false });
}
