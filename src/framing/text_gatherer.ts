/**
 * Collects chunks into whole texts.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Chunk } from "./chunk.ts";
import { decodeDocument } from "./utf8.ts";

/**
 * Collects messages or lines one after the other, each up to a limit. An error concerns one text only: the next can be
 * collected. A text may be a password: errors do not contain it, and the buffer is cleared after each.
 */
export class TextGatherer {
  readonly #limit: number;
  /** Buffer for the longest text and its line end. */
  readonly #bytes: Uint8Array;
  #length = 0;
  #isLine = false;

  /** Makes a collector of texts of at most `limit` bytes, without their line ends. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(limit + 2);
  }

  /**
   * Adds a chunk. Returns the text, without its line end, if the chunk is its last.
   *
   * @throws {EchopipeError} `too-large` at the last chunk of a text beyond the limit, `invalid-text` if it is not UTF-8
   */
  take(chunk: Chunk): string | undefined {
    this.#isLine = chunk.size === undefined;
    if (this.#length + chunk.length <= this.#bytes.length) this.#bytes.set(chunk.bytes, this.#length);
    this.#length += chunk.length;
    return chunk.last ? this.#finish() : undefined;
  }

  /** Returns the incomplete text at the end of the stream, if any. Throws as {@linkcode TextGatherer.take} does. */
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
