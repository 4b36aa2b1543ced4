/**
 * Figures as Markdown.
 *
 * @module
 */

/** A number with about three digits that count. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** A Markdown table: the first column to the left, the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [head, ...rows].map((row) => row.map((cell) => typeof cell === "number" ? short(cell) : cell));
  const widths = head.map((_, i) => Math.max(3, ...texts.map((row) => row[i].length)));
  const pad = (text: string, i: number) => i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]);
  const line = (row: string[]) => `| ${row.map(pad).join(" | ")} |`;
  const rule = widths.map((width, i) => i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  const [first, ...rest] = texts;
  return [line(first), line(rule), ...rest.map(line)].join("\n");
}
