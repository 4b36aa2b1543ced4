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

/** The prompt comes back after so many milliseconds without output: what arrives in pieces stays in one piece. */
const QUIET_MS = 30;

/** Lines typed, and text shown above the line that is being typed. Nothing that was shown is erased. */
export class Terminal {
  readonly #screen = new Screen();
  /** `prevRows`: so many rows up readline believes its prompt to begin; it goes there to draw, and clears all below. */
  readonly #interface: Interface & { prevRows: number };
  /** Data goes to a terminal too, most likely the same one. */
  readonly #dataIsSeen = isatty(1);
  /** The person has ended the input: what still comes is shown without a prompt. */
  #ended = false;
  /** The prompt is on the screen, with what is being typed, and the cursor in it. */
  #drawn = false;
  /** The data shown last did not end its line. */
  #midLine = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Takes the terminal; standard output stays free for data, the prompt and what is typed go to standard error. */
  constructor(prompt: string, events: { line(text: string): void; end(): void; interrupt(): void }) {
    const options = { input: process.stdin, output: this.#screen, prompt, terminal: true };
    this.#interface = createInterface(options) as Interface & { prevRows: number };
    this.#interface.on("line", (text: string) => {
      this.#drawn = false; // it stays where it was entered, and the cursor is below it
      events.line(text);
      this.#drawSoon();
    });
    this.#interface.on("close", () => {
      this.#end();
      events.end();
    });
    this.#interface.on("SIGINT", () => events.interrupt());
    // Before readline's own listeners: what they draw takes the place of what is in the row of the cursor.
    process.stdin.prependListener("keypress", this.#draw);
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

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    process.stdin.off("keypress", this.#draw);
    process.stderr.off("resize", this.#resize);
  }

  readonly #resize = () => {
    this.#draw();
    // A terminal that has become wider may have folded the prompt into fewer rows: what is above them is not erased.
    this.#interface.prevRows = Math.min(this.#interface.prevRows, this.#interface.getCursorPos().rows);
    this.#screen.emit("resize");
  };

  #drawSoon(): void {
    clearTimeout(this.#timer);
    if (!this.#ended) this.#timer = setTimeout(this.#draw, QUIET_MS).unref();
  }

  readonly #draw = () => {
    if (this.#drawn || this.#ended) return;
    clearTimeout(this.#timer);
    this.#endLine();
    this.#interface.prevRows = 0; // a new place: what is above it is not the prompt's
    this.#interface.prompt(true);
    this.#drawn = true;
  };

  #hide(): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    this.#screen.write(" "); // behind a row that is just full the cursor counts as in the next one: now it is there
    moveCursor(this.#screen, 0, -this.#interface.getCursorPos().rows);
    cursorTo(this.#screen, 0);
    clearScreenDown(this.#screen);
  }

  /** What comes next would erase, or continue, what stands in an unfinished line. */
  #endLine(): void {
    if (this.#midLine) this.#screen.write("\n");
    this.#midLine = false;
  }
}

/** Standard error, written to at once: Deno's `process.stderr` writes later, after data that was to come after it. */
class Screen extends Writable {
  get columns(): number {
    return process.stderr.columns;
  }

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    try {
      writeAll(2, bytes);
    } catch {
      // Standard error is closed: there is nobody to show it to.
    }
    done();
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes.subarray(at));
}
