/**
 * Joins chunks into whole messages.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { Chunk } from "./chunk.ts";

/** The default of {@linkcode MessagesOptions.limit}, in bytes: 1 MiB. */
export const DEFAULT_MESSAGE_LIMIT: number = 1024 * 1024;

/** The options of {@linkcode messages}. */
export interface MessagesOptions {
  /** The longest message in bytes, including the end of a line: 0 to 2^30 - 1. Default 1,048,576 (1 MiB). */
  readonly limit?: number;
}

class Messages extends Stage<Chunk, Chunk> {
  readonly #limit: number;
  /** Buffer of the message: of its size where that is known, else doubled as needed. */
  #gathered = new Uint8Array(0);
  #length = 0;
  #begun: Chunk | undefined;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  push(chunk: Chunk, out: Output<Chunk>): void {
    const { bytes, first, last, size } = chunk;
    if (first) {
      this.#begun = chunk;
      this.#length = 0;
      if (size !== undefined) this.#check(size);
      this.#gathered = new Uint8Array(size ?? bytes.length);
    }
    const length = this.#length + bytes.length;
    this.#check(length);
    if (length > this.#gathered.length) {
      const grown = new Uint8Array(Math.min(Math.max(length, this.#gathered.length * 2), this.#limit));
      grown.set(this.#gathered.subarray(0, this.#length));
      this.#gathered = grown;
    }
    this.#gathered.set(bytes, this.#length);
    this.#length = length;
    if (last) this.#send(out, true);
  }

  override end(out: Output<Chunk>): void {
    if (this.#begun !== undefined) this.#send(out, false);
  }

  #send(out: Output<Chunk>, last: boolean): void {
    const { kind, size } = this.#begun!;
    // Copied where the buffer is larger: whoever keeps the message would keep all of it.
    const whole = this.#length === this.#gathered.length ? this.#gathered : this.#gathered.slice(0, this.#length);
    this.#begun = undefined;
    this.#gathered = new Uint8Array(0);
    out.push(new Chunk(whole, 0, whole.length, kind, true, last, size));
  }

  #check(length: number): void {
    if (length <= this.#limit) return;
    throw new EchopipeError(
      "too-large",
      `Cannot gather a message: it has ${length} bytes or more, the limit is ${this.#limit}`,
      { received: length, limit: this.#limit },
    );
  }
}

/**
 * A stage that joins the chunks of each message into one chunk with memory of its own, which may be kept. With the
 * framing `line` the messages are whole lines, including their ends; a line that the end of the stream cut off has
 * `last` false.
 *
 * @example Whole lines of at most 80 bytes
 * ```ts
 * import assert from "node:assert/strict";
 * import { line, messages, pipeline } from "echopipe";
 *
 * const lines = pipeline(line().decoder, messages({ limit: 80 }));
 * const pieces = ["on", "e\ntw", "o\n"].map((text) => new TextEncoder().encode(text));
 * assert.deepEqual(await Array.fromAsync(lines.over(pieces), (line) => line.toText()), ["one\n", "two\n"]);
 * ```
 *
 * The stage throws `too-large` for a message beyond the limit: already at its header, where there is one.
 *
 * @throws {EchopipeError} `invalid-argument` for a limit out of its range
 */
export function messages({ limit = DEFAULT_MESSAGE_LIMIT }: MessagesOptions = {}): Stage<Chunk, Chunk> {
  return new Messages(checkInteger("limit", limit, 0, 2 ** 30 - 1));
}
