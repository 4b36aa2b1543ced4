/**
 * Output of `load`: a line for each interval, the table at the end, the JSON object.
 *
 * @module
 */
import { printable } from "../src/printable.ts";
import type { Latencies } from "../src/probe/latencies.ts";
import type { Interval, LoadResult } from "../src/probe/load_contract.ts";
import { formatAmount, formatUs } from "./durations.ts";

/** The percentiles of the table. */
export const PERCENTILES: readonly number[] = [50, 75, 90, 99, 99.9, 99.99];

/** The line of an interval. */
export function intervalLine(
  { from, to, measured, messages, bytes, mismatched, errors, p50, p99, max }: Interval,
): string {
  const seconds = Math.max(to - from, 1e-3);
  const when = measured ? `${from.toFixed(1)}-${to.toFixed(1)} s` : "left out";
  const wrong = mismatched + errors === 0 ? "" : `  ${mismatched} mismatched  ${errors} errors`;
  return `${when.padStart(14)}  ${formatAmount(messages / seconds)}msg/s  ${formatAmount(bytes / seconds)}B/s  ` +
    `p50 ${formatUs(p50)}  p99 ${formatUs(p99)}  max ${formatUs(max)}${wrong}`;
}

/** The table at the end. */
export function loadTable(target: string, result: LoadResult, peers: number): string {
  const { seconds, messages, bytes, mismatched, errors, failures, latency, connect, firstByte, behindMs } = result;
  const { duplicated, reordered, connected } = result;
  const perSecond = (amount: number) => formatAmount(amount / Math.max(seconds, 1e-3));
  const rows: [string, string][] = [
    ["target", `${target}, ${connected} of ${peers} peers`],
    ["measured", `${seconds.toFixed(3)} s, ${messages} messages, ${bytes} bytes`],
    ["throughput", `${perSecond(messages)}msg/s, ${perSecond(bytes)}B/s`],
    ["mismatched", `${mismatched}`],
    ["errors", `${errors}`],
    ...Array.from(failures, ([text, count]): [string, string] => ["", `${count} x ${printable(text)}`]),
  ];
  if (duplicated + reordered > 0) rows.push(["datagrams", `${duplicated} duplicated, ${reordered} reordered`]);
  if (behindMs > 0) rows.push(["sent late by", `at most ${formatUs(behindMs * 1000)}, which counts as latency`]);
  const columns = ["min", "mean", "stdev", ...PERCENTILES.map((percent) => `p${percent}`), "max"];
  const table = [
    ["", ...columns],
    ["latency", ...figures(latency)],
    ["connect", ...figures(connect)],
    ["first byte", ...figures(firstByte)],
  ];
  const widths = columns.map((_, i) => Math.max(...table.map((row) => row[i + 1].length)));
  const lines = table.map(([name, ...cells]) =>
    `${name.padEnd(12)} ${cells.map((cell, i) => cell.padStart(widths[i])).join("  ")}`.trimEnd()
  );
  return `${rows.map(([name, text]) => `${name.padEnd(12)} ${text}`).join("\n")}\n\n${lines.join("\n")}\n`;
}

function figures(latencies: Latencies): string[] {
  const { min, mean, stdev, max } = latencies.summary();
  return [min, mean, stdev, ...PERCENTILES.map((percent) => latencies.percentile(percent)), max].map(formatUs);
}

/** The object of `--json`. */
export function loadJson(target: string, result: LoadResult): string {
  const { seconds, messages, bytes, mismatched, errors, latency, connect, firstByte } = result;
  return `${
    JSON.stringify({
      version: 1,
      target,
      seconds: Math.round(seconds * 1e3) / 1e3,
      messages,
      bytes,
      rate: seconds === 0 ? 0 : Math.round(messages / seconds * 10) / 10,
      mismatched,
      errors,
      latency_us: latency.summary(),
      connect_us: connect.summary(),
      first_byte_us: firstByte.summary(),
    })
  }\n`;
}
