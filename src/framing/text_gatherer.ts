/**
 * Whole texts from their chunks.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Chunk } from "./chunk.ts";
import { decodeDocument } from "./utf8.ts";

/**
 * Gathers messages or lines, one after the other, each up to a limit. An error is of one text only: the next one is gathered
 * all the same. No error repeats what was gathered, and nothing of it stays behind: it may be a password.
 */
export class TextGatherer {
  readonly #limit: number;
  /** Room for the longest text and its line end. */
  readonly #bytes: Uint8Array;
  #length = 0;
  #isLine = false;

  /** Gathers texts of at most `limit` bytes, their line ends not counted. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(limit + 2);
  }

  /**
   * Takes a chunk; the text, without its line end, if the chunk is its last.
   *
   * @throws {EchopipeError} `too-large` at the last chunk of a text beyond the limit, `invalid-text` if it is not UTF-8
   */
  take(chunk: Chunk): string | undefined {
    this.#isLine = chunk.size === undefined;
    if (this.#length + chunk.length <= this.#bytes.length) this.#bytes.set(chunk.bytes, this.#length);
    this.#length += chunk.length;
    return chunk.last ? this.#finish() : undefined;
  }

  /** No more chunks come: the text that was begun, if there is one. Throws as {@linkcode TextGatherer.take} does. */
  end(): string | undefined {
    return this.#length === 0 ? undefined : this.#finish();
  }

  #finish(): string {
    const gathered = this.#bytes.subarray(0, this.#length);
    const length = this.#length - (this.#isLine ? lineEndLength(gathered) : 0);
    this.#length = 0;
    try {
      if (length <= this.#limit) return decodeDocument(gathered.subarray(0, length));
    } catch {
      throw new EchopipeError("invalid-text", "Cannot read a text: it is not UTF-8", { expected: "UTF-8" });
    } finally {
      gathered.fill(0);
    }
    throw new EchopipeError("too-large", `Cannot read a text: it has ${length} bytes, the limit is ${this.#limit}`, {
      received: length,
      limit: this.#limit,
    });
  }
}

function lineEndLength(bytes: Uint8Array): number {
  if (bytes.at(-1) !== 0x0a) return 0;
  return bytes.at(-2) === 0x0d ? 2 : 1;
}
