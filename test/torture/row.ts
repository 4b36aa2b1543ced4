/**
 * The contract of a row of the torture: one kind of ill-treatment, and what a server must show under it.
 *
 * @module
 */
import type { Target } from "./target.ts";

/** A figure of a row. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
  /** Which of two values is the better one; undefined: neither. A time is compared roughly, a count exactly. */
  readonly better?: "more" | "less";
  /** True if it depends on how busy the machine is: only twice as good counts as better. */
  readonly rough?: boolean;
}

/** What came of a row on one server. */
export interface Finding {
  readonly figures: readonly Figure[];
  /** What did not hold, one sentence each; empty: it held. */
  readonly failures: readonly string[];
  /** What to know of this run. */
  readonly note?: string;
}

/** A kind of ill-treatment. */
export interface Row {
  readonly id: string;
  /** What is done, in a sentence; what holds. */
  readonly title: string;
  /** True if any echo server can be tried, as its bytes come back as they are. */
  readonly peers?: boolean;
  /** How long it may take on one server, in seconds, at the size 1. */
  readonly deadline: number;
  /** Does it; `size` is 1 for the whole, less for the short form. */
  run(target: Target, size: number): Promise<Finding>;
}

/** A row that cannot be run here, with the reason. */
export class NotHere extends Error {}

/** So many of the whole number, at least `least`. */
export function share(whole: number, size: number, least = 1): number {
  return Math.max(least, Math.round(whole * size));
}

/** Gathers figures and failures. */
export class Findings implements Finding {
  readonly figures: Figure[] = [];
  readonly failures: string[] = [];
  note?: string;

  /** Keeps a figure. */
  add(name: string, value: number, about: Omit<Figure, "name" | "value"> = {}): void {
    this.figures.push({ name, value, ...about });
  }

  /** Keeps a failure unless `holds`. */
  expect(holds: boolean, failure: string): void {
    if (!holds) this.failures.push(failure);
  }
}

/** Waits for `promise`, at most `ms` milliseconds; rejects with what was waited for. */
export async function withinTime<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
