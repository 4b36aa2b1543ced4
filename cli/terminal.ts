/**
 * A terminal on which a person types while output arrives.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { clearLine, createInterface, cursorTo, type Interface } from "node:readline";

/** Lines typed, and text shown above the line that is being typed. */
export class Terminal {
  readonly #interface: Interface;
  /** The person has ended the input: what still comes is shown without a prompt. */
  #ended = false;

  /** Takes the terminal; standard output stays free for data, the prompt and what is typed go to standard error. */
  constructor(prompt: string, events: { line(text: string): void; end(): void; interrupt(): void }) {
    this.#interface = createInterface({ input: process.stdin, output: process.stderr, prompt, terminal: true });
    this.#interface.on("line", (text: string) => {
      events.line(text);
      this.#prompt();
    });
    this.#interface.on("close", () => {
      this.#ended = true;
      events.end();
    });
    this.#interface.on("SIGINT", () => events.interrupt());
    this.#interface.prompt();
  }

  /** Writes data to standard output; the line that is being typed comes back below it. */
  showData(text: string | Uint8Array): void {
    this.#above(() => writeAll(1, typeof text === "string" ? new TextEncoder().encode(text) : text));
  }

  /** Writes a line for the person to standard error, above the line that is being typed. */
  showNote(text: string): void {
    this.#above(() => writeAll(2, new TextEncoder().encode(`${text}\n`)));
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#ended = true;
    this.#interface.removeAllListeners("close");
    this.#interface.close();
    cursorTo(process.stderr, 0);
    clearLine(process.stderr, 0);
  }

  #above(write: () => void): void {
    cursorTo(process.stderr, 0);
    clearLine(process.stderr, 0);
    write();
    this.#prompt(true);
  }

  #prompt(keepCursor = false): void {
    if (!this.#ended) this.#interface.prompt(keepCursor);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes.subarray(at));
}
