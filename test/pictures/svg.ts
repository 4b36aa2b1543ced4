/**
 * Draws screens as SVG: text in the reader's own monospace font, colours by CSS for light and for dark pages.
 *
 * @module
 */
import type { Span } from "../support/screen.ts";

/** A screen with the title above it. */
export interface Drawn {
  readonly title: string;
  readonly rows: readonly (readonly Span[])[];
  readonly columns: number;
}

/** Sizes in the picture's own units. */
const [CHARACTER, ROW, PADDING, BAR, GAP] = [7.8, 18, 12, 26, 10];

/** The terminal's colours 1 to 6, for light pages and for dark ones: red, green, yellow, blue, magenta, cyan. */
const LIGHT = ["#cf222e", "#116329", "#8a5a00", "#0550ae", "#8250df", "#0f6b7a"];
const DARK = ["#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#76e3ea"];

const colours = (list: readonly string[]) => list.map((colour, i) => `.c${i + 1}{fill:${colour}}`).join("");

const style = `text{font:13px ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;` +
  `fill:#1f2328;white-space:pre}.page{fill:#f6f8fa;stroke:#d1d9e0}.bar{fill:#59636e;font-weight:600}` +
  `.b{font-weight:700}.d{opacity:.65}.u{text-decoration:underline}${colours(LIGHT)}` +
  `@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117;stroke:#3d444d}.bar{fill:#9198a1}` +
  `${colours(DARK)}}`;

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const fixed = (value: number) => String(Math.round(value * 10) / 10);

/** A span, at its own column so that no font can move it, and of the length of its columns. */
function drawSpan(span: Span, x: number): string {
  const colour = span.colour > 8 ? span.colour - 8 : span.colour;
  const classes = [
    ...(colour >= 1 && colour <= 6 ? [`c${colour}`] : []),
    ...(span.bold ? ["b"] : []),
    ...(span.dim || span.colour === 8 ? ["d"] : []),
    ...(span.underline ? ["u"] : []),
  ].join(" ");
  const length = fixed(span.columns * CHARACTER);
  return `<tspan x="${fixed(x)}" textLength="${length}"${classes && ` class="${classes}"`}>${
    escape(span.text)
  }</tspan>`;
}

function drawRow(spans: readonly Span[], x: number, y: number): string {
  let column = 0;
  const drawn = spans.map((span) => {
    const at = x + column * CHARACTER;
    column += span.columns;
    return span.text.trim() === "" ? "" : drawSpan(span, at);
  });
  return drawn.join("") === "" ? "" : `<text y="${fixed(y)}">${drawn.join("")}</text>\n`;
}

/** Draws screens below each other, or those of a row beside each other; `about` is what a blind reader is told. */
export function svg(about: string, panes: readonly (readonly Drawn[])[]): string {
  let y = 1;
  let width = 0;
  const drawn: string[] = [];
  for (const beside of panes) {
    let x = 1;
    const lines = Math.max(...beside.map(({ rows }) => rows.length));
    const height = BAR + lines * ROW + PADDING;
    for (const { title, rows, columns } of beside) {
      const wide = columns * CHARACTER + 2 * PADDING;
      drawn.push(
        `<rect class="page" x="${fixed(x)}" y="${fixed(y)}" width="${fixed(wide)}" height="${
          fixed(height)
        }" rx="6"/>\n` +
          `<text class="bar" x="${fixed(x + PADDING)}" y="${fixed(y + 18)}">${escape(title)}</text>\n` +
          rows.map((row, i) => drawRow(row, x + PADDING, y + BAR + 14 + i * ROW)).join(""),
      );
      x += wide + GAP;
    }
    width = Math.max(width, x - GAP + 1);
    y += height + GAP;
  }
  const size = `${fixed(width)} ${fixed(y - GAP + 1)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" width="${fixed(width)}" role="img">\n` +
    `<title>${escape(about)}</title>\n<style>${style}</style>\n${drawn.join("")}</svg>\n`;
}
