/**
 * Standard output of `deno task verify`, and its progress on a terminal.
 *
 * @module
 */
import process from "node:process";
import { openStdio } from "../src/runtime/mod.ts";

const CLEAR_LINE = "\r\x1b[K";

/** Writes texts and one line of progress, which may be on the same terminal, in the order in which they are given. */
export class VerifyOutput {
  /** Called when writing has failed. */
  onFailure: (() => void) | undefined;
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | undefined;
  /** A line of progress is shown. */
  #shown = false;

  private constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** The standard output of the process. */
  static async open(): Promise<VerifyOutput> {
    const { stdout } = await openStdio();
    return new VerifyOutput((bytes) => stdout.write(bytes));
  }

  /** Writes a text to standard output. */
  write(text: string): void {
    this.#then(async () => {
      this.#clear();
      await this.#write(new TextEncoder().encode(text));
    });
  }

  /** Shows a line of progress in place of the one before, where standard error is a terminal; none: removes it. */
  progress(text?: string): void {
    if (!process.stderr.isTTY) return;
    this.#then(() => {
      this.#clear();
      if (text !== undefined) process.stderr.write(text);
      this.#shown = text !== undefined;
      return Promise.resolve();
    });
  }

  /** Resolves when all is written; rejects if writing has failed. */
  async flush(): Promise<void> {
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Acts after all that was asked for before. After a failure nothing is done any more. */
  #then(action: () => Promise<void>): void {
    this.#last = this.#last.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        await action();
      } catch (error) {
        this.#failure = { error };
        this.onFailure?.();
      }
    });
  }

  #clear(): void {
    if (this.#shown) process.stderr.write(CLEAR_LINE);
    this.#shown = false;
  }
}
