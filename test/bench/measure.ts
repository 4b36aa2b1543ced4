/**
 * Measures functions that do the same work, side by side: each round runs every one of them for a slice of time, in a
 * turned order, so that a slow moment of the machine falls on all; the figures are medians over the rounds.
 *
 * @module
 */

/** One of the ways to do a piece of work. */
export interface Case {
  readonly name: string;
  /** Whether this is the one that has to stand beside those that are not of this project. */
  readonly ours?: boolean;
  /** Does the work once. */
  run(): void | Promise<void>;
}

/** Ways to do the same work. */
export interface Group {
  readonly title: string;
  /** What the work consists of, to be counted: `chunk`, `message`. */
  readonly unit: string;
  /** Of how many units. */
  readonly units: number;
  /** Of how many bytes. */
  readonly bytes: number;
  readonly cases: readonly Case[];
}

/** What came of a case. */
export interface Figure {
  readonly name: string;
  /** Nanoseconds a unit. */
  readonly ns: number;
  /** 10^6 bytes a second. */
  readonly mbPerSecond: number;
  /** Time of the group's `ours` over this one's: the median of the ratios within each round. Undefined: it has none. */
  readonly ratio: number | undefined;
}

/** How to measure. */
export interface MeasureOptions {
  readonly rounds: number;
  /** How long each case runs in each round, in milliseconds. */
  readonly sliceMs: number;
}

/** The middle of some values; the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

/** The items, beginning at another one in each round. */
export function turned<T>(items: readonly T[], round: number): T[] {
  const from = round % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

/** Runs a case for a slice of time; milliseconds a run. */
async function slice({ run }: Case, ms: number): Promise<number> {
  const began = performance.now();
  let runs = 0;
  let elapsed = 0;
  do {
    const pending = run();
    if (pending !== undefined) await pending;
    runs++;
    elapsed = performance.now() - began;
  } while (elapsed < ms);
  return elapsed / runs;
}

/** Where ours is slower than another by more than a twentieth, in words. */
export function slower({ title, cases }: Group, figures: readonly Figure[]): string[] {
  return figures.flatMap(({ name, ratio }, i) => {
    if (ratio === undefined || cases[i].ours || name.startsWith("echopipe") || ratio <= 1.05) return [];
    return [`${title}: ${ratio.toFixed(2)} x the time of ${name}`];
  });
}

/** Measures a group; the first round warms up and does not count. */
export async function measure(group: Group, { rounds, sliceMs }: MeasureOptions): Promise<Figure[]> {
  const { cases, units, bytes } = group;
  const times = new Map<Case, number[]>(cases.map((each) => [each, []]));
  for (let round = -1; round < rounds; round++) {
    for (const each of turned(cases, round + 1)) {
      const ms = await slice(each, sliceMs);
      if (round >= 0) times.get(each)!.push(ms);
    }
  }
  const ours = cases.find((each) => each.ours);
  return cases.map((each) => {
    const own = times.get(each)!;
    const ms = median(own);
    const ratio = ours && median(own.map((time, round) => times.get(ours)![round] / time));
    return { name: each.name, ns: ms * 1e6 / units, mbPerSecond: bytes / ms / 1e3, ratio };
  });
}
