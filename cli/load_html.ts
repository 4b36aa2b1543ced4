/**
 * The page of `load --html`: one file, of no outside parts.
 *
 * @module
 */
import { printable } from "../src/printable.ts";
import type { Latencies } from "../src/probe/latencies.ts";
import type { LoadResult } from "../src/probe/load_contract.ts";
import { formatAmount, formatUs } from "./durations.ts";
import { histogramSvg, timelineSvg } from "./load_chart.ts";
import { PERCENTILES } from "./load_print.ts";

const BARS = 64;

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --paper: #ffffff; --faint: #c9d1db; --one: #1f6fb4; --two: #b4531f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9f0; --paper: #14181e; --faint: #3a434f; --one: #6cb2ee; --two: #f0a070; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; } th, td { text-align: right; padding: .2rem .7rem; border-bottom: 1px solid var(--faint); }
th:first-child, td:first-child { text-align: left; } .wide { overflow-x: auto; }
svg { width: 100%; height: auto; } text { font-size: 12px; fill: var(--ink); } .grid { stroke: var(--faint); }
.bar { fill: var(--one); } polyline { fill: none; stroke-width: 2; } .one { stroke: var(--one); } .two { stroke: var(--two); stroke-dasharray: 6 3; }
.dot.one { fill: var(--one); } .dot.two { fill: var(--two); }
i.one, i.two { display: inline-block; width: 1.6rem; border-top: 3px solid var(--one); vertical-align: middle; } i.two { border-top: 3px dashed var(--two); }
`;

/** The page. `command`: the settings of the run, for its head. */
export function loadHtml(target: string, result: LoadResult, command: string): string {
  const { seconds, messages, bytes, mismatched, errors, failures, latency, connect, firstByte, timeline } = result;
  const perSecond = (amount: number) => formatAmount(amount / Math.max(seconds, 1e-3));
  const failed = Array.from(failures, ([text, count]) => `<li>${count} × ${escaped(text)}</li>`).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Load on ${escaped(target)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Load on ${escaped(target)}</h1>
<p>${escaped(command)}</p>
<p>${messages} messages and ${bytes} bytes in ${seconds.toFixed(3)} s: ${perSecond(messages)}msg/s, ${
    perSecond(bytes)
  }B/s. ${mismatched} mismatched, ${errors} errors.</p>
${failed === "" ? "" : `<ul>${failed}</ul>`}
<div class="wide"><table>
<tr><th></th>${
    ["min", "mean", ...PERCENTILES.map((p) => `p${p}`), "max"].map((name) => `<th>${name}</th>`).join("")
  }</tr>
${row("latency", latency)}
${row("connect", connect)}
${row("first byte", firstByte)}
</table></div>
<h2>Histogram of latency</h2>
${latency.count === 0 ? "<p>Nothing was measured.</p>" : histogramSvg(latency.bars(BARS), latency.percentile(0)!)}
<h2>Latency over time</h2>
<p><i class="one"></i> median <i class="two"></i> p99</p>
${
    timelineSvg("Latency over time", timeline, formatUs, [
      { style: "one", value: ({ p50 }) => p50 },
      { style: "two", value: ({ p99 }) => p99 },
    ])
  }
<h2>Messages a second</h2>
${
    timelineSvg("Messages a second", timeline, formatAmount, [
      { style: "one", value: ({ messages, from, to }) => messages / Math.max(to - from, 1e-3) },
    ])
  }
</body>
</html>
`;
}

function row(name: string, latencies: Latencies): string {
  const { min, mean, max } = latencies.summary();
  const cells = [min, mean, ...PERCENTILES.map((percent) => latencies.percentile(percent)), max];
  return `<tr><td>${name}</td>${cells.map((us) => `<td>${formatUs(us)}</td>`).join("")}</tr>`;
}

function escaped(text: string): string {
  return printable(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}
