/**
 * Charts as SVG, coloured by the page around them.
 *
 * @module
 */
import type { Bar } from "../src/probe/latencies.ts";
import type { Interval } from "../src/probe/load_contract.ts";
import { formatAmount, formatUs } from "./durations.ts";

const WIDTH = 860;
const HEIGHT = 260;
/** Room for the scales, in the units of the picture. */
const LEFT = 70;
const BOTTOM = 28;
const TOP = 12;

/** A line of a time line. */
interface Curve {
  readonly style: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The histogram: bars over time on a logarithmic scale. */
export function histogramSvg(bars: readonly Bar[], minUs: number): string {
  const max = Math.max(1, ...bars.map(({ count }) => count));
  const width = (WIDTH - LEFT) / bars.length;
  const rects = bars.map(({ count, toUs }, i) => {
    const height = count / max * (HEIGHT - BOTTOM - TOP);
    const title = `<title>up to ${formatUs(toUs)}: ${count}</title>`;
    return `<rect class="bar" x="${n(LEFT + i * width)}" y="${n(HEIGHT - BOTTOM - height)}" width="${
      n(width * 0.92)
    }" height="${n(height)}">${title}</rect>`;
  });
  const ticks = bars.map(({ toUs }, i): [number, string] => [LEFT + (i + 1) * width, formatUs(toUs)])
    .filter((_, i) => (i + 1) % Math.ceil(bars.length / 8) === 0);
  return svg("Histogram of latency", [
    ...scale(max, (value) => formatAmount(value)),
    ...rects,
    ...labels([[LEFT, formatUs(minUs)], ...ticks]),
  ]);
}

/** The time line of figures; `figures`: each with its class and the reader of its value, null where there is none. */
export function timelineSvg(
  title: string,
  timeline: readonly Interval[],
  format: (value: number) => string,
  figures: readonly { style: string; value: (interval: Interval) => number | null }[],
): string {
  const end = timeline.at(-1)?.to || 1;
  const values = figures.flatMap(({ value }) => timeline.map(value)).filter((value) => value !== null);
  const max = values.reduce((a, b) => Math.max(a, b), 0) || 1;
  const x = (seconds: number) => LEFT + seconds / end * (WIDTH - LEFT - 4);
  const y = (value: number) => HEIGHT - BOTTOM - value / max * (HEIGHT - BOTTOM - TOP);
  const curves = figures.map(({ style, value }): Curve => ({
    style,
    points: timeline.flatMap((interval) => {
      const is = value(interval);
      return is === null ? [] : [[x((interval.from + interval.to) / 2), y(is)] as const];
    }),
  }));
  const lines = curves.map(({ style, points }) =>
    points.length === 1
      ? `<circle class="dot ${style}" cx="${n(points[0][0])}" cy="${n(points[0][1])}" r="3"/>`
      : `<polyline class="${style}" points="${points.map(([px, py]) => `${n(px)},${n(py)}`).join(" ")}"/>`
  );
  const times = [0, 0.25, 0.5, 0.75, 1].map((part): [number, string] => [x(part * end), `${n(part * end)} s`]);
  return svg(title, [...scale(max, format), ...lines, ...labels(times)]);
}

function svg(title: string, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">\n${parts.join("\n")}\n</svg>`;
}

/** Horizontal lines with their values. */
function scale(max: number, format: (value: number) => string): string[] {
  return [0, 0.5, 1].map((part) => {
    const y = n(HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP));
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"/>` +
      `<text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${format(part * max).trim()}</text>`;
  });
}

/** Texts below a chart. */
function labels(all: readonly (readonly [x: number, text: string])[]): string[] {
  return all.map(([x, text], i) => {
    const anchor = i === 0 ? "start" : i === all.length - 1 ? "end" : "middle";
    return `<text x="${n(Math.min(x, WIDTH - 2))}" y="${HEIGHT - 8}" text-anchor="${anchor}">${text}</text>`;
  });
}

/** A number as short as a picture needs it. */
function n(value: number): number {
  return Math.round(value * 10) / 10;
}
