/** The screen of a terminal after what was written to it: `@xterm/headless`, as rows. */
import xterm from "@xterm/headless";

/** How a character looks. Colours are 0 to 15, or -1 for that of the terminal. */
export interface Look {
  readonly colour: number;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

/** Characters of a row that look alike, and the number of columns they take. */
export interface Span extends Look {
  readonly text: string;
  readonly columns: number;
}

/** A terminal's screen, with all rows that have left it at the top. */
export class Screen {
  readonly #terminal: xterm.Terminal;

  constructor(columns = 120, rows = 30) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 50_000, allowProposedApi: true });
  }

  /** Shows what a program wrote. */
  write(shown: string | Uint8Array): void {
    this.#terminal.write(shown);
  }

  /** Settles when all that was written is on the screen. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write("", resolve));
  }

  /** The text of each row, from the first ever shown to that of the cursor, or the last that is not empty. */
  rows(): string[] {
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, y) => active.getLine(y)!.translateToString(true));
    const last = rows.findLastIndex((row) => row !== "");
    return rows.slice(0, Math.max(last, active.baseY + active.cursorY) + 1);
  }

  /** The same rows with the look of their characters. */
  spans(): Span[][] {
    const { active } = this.#terminal.buffer;
    return this.rows().map((row, y) => {
      const line = active.getLine(y)!;
      const spans: Span[] = [];
      const end = row === "" ? 0 : line.length;
      for (let x = 0; x < end;) {
        const cell = line.getCell(x)!;
        const columns = Math.max(1, cell.getWidth());
        const look = {
          colour: cell.isFgPalette() ? cell.getFgColor() : -1,
          bold: cell.isBold() !== 0,
          dim: cell.isDim() !== 0,
          underline: cell.isUnderline() !== 0,
          inverse: cell.isInverse() !== 0,
        };
        const text = cell.getChars() || " ";
        const before = spans.at(-1);
        const joins = columns === 1 && before !== undefined && before.columns === before.text.length;
        if (joins && (Object.keys(look) as (keyof Look)[]).every((key) => before[key] === look[key])) {
          spans[spans.length - 1] = { ...before, text: before.text + text, columns: before.columns + columns };
        } else spans.push({ ...look, text, columns });
        x += columns;
      }
      const last = spans.at(-1);
      if (last !== undefined && !last.inverse) {
        const text = last.text.trimEnd();
        spans[spans.length - 1] = { ...last, text, columns: last.columns - (last.text.length - text.length) };
      }
      return spans.filter(({ text }) => text !== "");
    });
  }

  [Symbol.dispose](): void {
    this.#terminal.dispose();
  }
}
