/**
 * Standard output of `deno task verify`, and its progress on a terminal.
 *
 * @module
 */
import process from "node:process";
import { openStdio } from "../src/runtime/mod.ts";

/** Writes texts one after the other. */
export class TextOutput {
  #last: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | undefined;
  /** Called when writing has failed. */
  onFailure: (() => void) | undefined;
  readonly #write: (bytes: Uint8Array) => Promise<void>;

  private constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** The standard output of the process. */
  static async open(): Promise<TextOutput> {
    const { stdout } = await openStdio();
    return new TextOutput((bytes) => stdout.write(bytes));
  }

  /** Writes a text behind those before it. */
  write(text: string): void {
    this.#last = this.#last.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        await this.#write(new TextEncoder().encode(text));
      } catch (error) {
        this.#failure = { error };
        this.onFailure?.();
      }
    });
  }

  /** Resolves when all is written; rejects if writing has failed. */
  async flush(): Promise<void> {
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Shows one line of progress on standard error, where that is a terminal. */
export class ProgressLine {
  #shown = false;

  /** Shows it in place of the one before. */
  show(text: string): void {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r\x1b[K${text}`);
    this.#shown = true;
  }

  /** Removes it, so that other lines may follow. */
  clear(): void {
    if (!this.#shown) return;
    process.stderr.write("\r\x1b[K");
    this.#shown = false;
  }
}
