/**
 * Times and amounts as people read them.
 *
 * @module
 */

/** A time in microseconds with its unit: `213 µs`, `2.13 ms`, `1.50 s`; `-` where nothing was measured. */
export function formatUs(us: number | null): string {
  if (us === null) return "-";
  if (us < 999.5) return `${us < 99.95 ? us.toFixed(1) : us.toFixed(0)} µs`;
  return us < 999_500 ? `${digits(us / 1e3)} ms` : `${digits(us / 1e6)} s`;
}

/** An amount with three or more digits and the unit's prefix: `1.45 G`, `145 k`, `17`. */
export function formatAmount(amount: number): string {
  const [factor, prefix] = amount >= 1e9
    ? [1e9, "G"]
    : amount >= 1e6
    ? [1e6, "M"]
    : amount >= 1e4
    ? [1e3, "k"]
    : [1, ""];
  return `${prefix === "" ? Math.round(amount * 10) / 10 : digits(amount / factor)} ${prefix}`;
}

function digits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
