/**
 * A terminal on which a person types while output arrives.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import { Writable } from "node:stream";
import { clearTimeout, setTimeout } from "node:timers";
import { isatty } from "node:tty";

/** The prompt returns after this many milliseconds without output, so that data that arrives in parts stays together. */
const QUIET_MS = 30;

/**
 * Treatment of a typed line: by default it stays where it was typed; `replaced`: it is taken off the screen, since it
 * comes back as data; with a problem it comes back into the line, to be changed.
 */
export type Reaction = void | "replaced" | { readonly problem: string };

/** Lines typed, and text shown above the line that is being typed. Nothing that was shown is erased. */
export class Terminal {
  readonly #screen = new Screen();
  /** `prevRows` is undocumented: readline draws its prompt that many rows up, and clears all below. */
  readonly #interface: Interface & { prevRows: number };
  /** Standard output is a terminal, most likely the same one. */
  readonly #dataIsSeen = isatty(1);
  /** The input has ended: further output is shown without a prompt. */
  #ended = false;
  /** The prompt and the line being typed are on the screen, and the cursor is in them. */
  #drawn = false;
  /** The data shown last did not end its line. */
  #midLine = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Takes the terminal: data goes to standard output, the prompt and the line being typed to standard error. */
  constructor(prompt: string, events: { line(text: string): Reaction; end(): void; interrupt(): void }) {
    const options = { input: process.stdin, output: this.#screen, prompt, terminal: true };
    this.#interface = createInterface(options) as Interface & { prevRows: number };
    this.#interface.on("line", (text: string) => {
      this.#drawn = false; // the entered line stays, and the cursor is below it
      this.#react(text, events.line(text));
      this.#drawSoon();
    });
    this.#interface.on("close", () => {
      this.#end();
      events.end();
    });
    this.#interface.on("SIGINT", () => events.interrupt());
    // Before readline's own listeners, which draw over the row of the cursor.
    process.stdin.prependListener("keypress", this.#beforeKey);
    process.stderr.on("resize", this.#resize);
    this.#drawSoon();
  }

  /** Writes data to standard output; the line that is being typed comes back below it. */
  showData(text: string | Uint8Array): void {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    if (bytes.length === 0) return;
    this.#hide();
    writeAll(1, bytes);
    this.#midLine = this.#dataIsSeen && bytes[bytes.length - 1] !== 0x0a;
    this.#drawSoon();
  }

  /** Writes a line for the person to standard error, above the line that is being typed. */
  showNote(text: string): void {
    this.#hide();
    this.#endLine();
    this.#screen.write(`${text}\n`);
    this.#drawSoon();
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#end();
    this.#interface.removeAllListeners("close");
    this.#interface.close();
    this.#hide();
    this.#endLine();
  }

  #react(text: string, reaction: Reaction): void {
    if (reaction === "replaced") {
      if (this.#dataIsSeen) this.#eraseEntered(text);
    } else if (reaction !== undefined) {
      this.#eraseEntered(text);
      this.showNote(reaction.problem);
      this.#setLine(text, text.length);
      this.#draw();
    }
  }

  /** Takes a line off the screen that was entered just now. */
  #eraseEntered(text: string): void {
    const { line, cursor } = this.#interface;
    this.#setLine(text, text.length); // readline tells the rows of its own line only
    const { rows } = this.#interface.getCursorPos();
    this.#setLine(line, cursor);
    this.#clearFrom(rows + 1);
  }

  /** Sets the line being typed, without drawing it: `write` of readline would draw it so that it is not erased later. */
  #setLine(line: string, cursor: number): void {
    Object.assign(this.#interface, { line, cursor });
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    process.stdin.off("keypress", this.#beforeKey);
    process.stderr.off("resize", this.#resize);
  }

  readonly #resize = () => {
    this.#draw();
    // A wider terminal may show the prompt in fewer rows: what is above them must not be erased.
    this.#interface.prevRows = Math.min(this.#interface.prevRows, this.#interface.getCursorPos().rows);
    this.#screen.emit("resize");
  };

  #drawSoon(): void {
    clearTimeout(this.#timer);
    if (!this.#ended) this.#timer = setTimeout(this.#draw, QUIET_MS).unref();
  }

  readonly #beforeKey = (_text: unknown, key?: { name?: string }) => {
    this.#draw();
    if (key?.name !== "return" && key?.name !== "enter") return;
    const { line, cursor } = this.#interface;
    if (cursor === line.length && this.#interface.getCursorPos().cols === 0) this.#leaveFullRow();
  };

  /** Moves the cursor to the next row: after a full row readline counts it as there, the terminal does not yet. */
  #leaveFullRow(): void {
    this.#screen.write(" ");
  }

  readonly #draw = () => {
    if (this.#drawn || this.#ended) return;
    clearTimeout(this.#timer);
    this.#endLine();
    this.#interface.prevRows = 0; // what is above is not part of the prompt
    this.#interface.prompt(true);
    this.#drawn = true;
  };

  #hide(): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    this.#leaveFullRow();
    this.#clearFrom(this.#interface.getCursorPos().rows);
  }

  /** Clears from so many rows above the cursor on. */
  #clearFrom(rows: number): void {
    moveCursor(this.#screen, 0, -rows);
    cursorTo(this.#screen, 0);
    clearScreenDown(this.#screen);
  }

  /** Ends an unfinished line, so that the next output neither continues nor erases it. */
  #endLine(): void {
    if (this.#midLine) this.#screen.write("\n");
    this.#midLine = false;
  }
}

/** Standard error, written synchronously: Deno's `process.stderr` writes later, after data written after it. */
class Screen extends Writable {
  get columns(): number {
    return process.stderr.columns;
  }

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    try {
      writeAll(2, bytes);
    } catch {
      // Standard error is closed.
    }
    done();
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes.subarray(at));
}
