/**
 * Small stages, and what is said of outcomes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Stage, stage } from "echopipe";
import type { Outcome } from "./ways.ts";

/** Every way of running came to this. */
export function all(outcomes: Record<string, Outcome>, expected: Outcome): void {
  for (const [way, outcome] of Object.entries(outcomes)) assert.deepEqual(outcome, expected, way);
}

/** Makes capitals. */
export const upper = (): Stage<string, string> => stage((item, out) => out.push(item.toUpperCase()));

/** Changes nothing. */
export const same = (): Stage<string, string> => stage((item, out) => out.push(item));

/** Lets everything happen that can without input. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await nextTurn();
}
