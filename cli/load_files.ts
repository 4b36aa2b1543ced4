/**
 * The files that `load` writes. Each gets its name when it is complete; the rows of the CSV are written as they come.
 *
 * @module
 */
import type { Interval } from "../src/probe/load_contract.ts";
import { beforeExit } from "./command.ts";
import { type OutputFile, outputFile } from "./output_file.ts";
import { print } from "./standard_output.ts";

const COLUMNS = ["from", "to", "messages", "bytes", "mismatched", "errors", "p50_us", "p99_us", "max_us"] as const;

/** A file that is written piece by piece, in order. */
export class TextOutput {
  readonly #file: OutputFile | undefined;
  #written: Promise<void> = Promise.resolve();

  private constructor(file: OutputFile | undefined) {
    this.#file = file;
  }

  /**
   * Opens a file; undefined without a path.
   *
   * @throws {CommandError} status 1 if it cannot be written
   */
  static async open(path: string | undefined): Promise<TextOutput | undefined> {
    if (path === undefined) return undefined;
    const file = await outputFile(path);
    beforeExit(() => file?.discard());
    return new TextOutput(file);
  }

  /** Writes text after what was written before. A failure is reported by {@linkcode TextOutput.keep}. */
  write(text: string): void {
    this.#written = this.#written.then(async () => {
      if (this.#file === undefined) print(text);
      else await this.#file.sink.write(new TextEncoder().encode(text));
    });
    this.#written.catch(() => {});
  }

  /** Gives the file its name. */
  async keep(): Promise<void> {
    await this.#written;
    await this.#file?.keep();
  }
}

/** The head of the CSV. */
export const csvHead: string = `${COLUMNS.join(",")}\n`;

/** The row of an interval (RFC 4180, with line feeds alone); a figure that was not measured is empty. */
export function csvRow({ from, to, messages, bytes, mismatched, errors, p50, p99, max }: Interval): string {
  const cells = [from.toFixed(3), to.toFixed(3), messages, bytes, mismatched, errors, p50, p99, max];
  return `${cells.map((cell) => cell ?? "").join(",")}\n`;
}
