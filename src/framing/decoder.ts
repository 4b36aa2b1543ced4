/**
 * Decoders for protocols of one's own, written as generators.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { InputBuffer } from "./input_buffer.ts";
import { DEFAULT_MESSAGE_LIMIT } from "./messages.ts";
import { type NeedMore, needMore } from "./reading.ts";
import { Reader } from "./reader.ts";

/**
 * A grammar: reads the bytes of one item by `yield*`, and returns the item. It may also yield items on its way, and
 * return nothing.
 */
export type Grammar<T> = (read: Reader) => Generator<T | NeedMore, T | undefined | void, void>;

/** The options of {@linkcode decoder}. */
export interface DecoderOptions {
  /** The most bytes that one request of the grammar may gather: 1 to 2^30 - 1. Default 1,048,576 (1 MiB). */
  readonly limit?: number;
}

class GrammarDecoder<T> extends Stage<Uint8Array, T> {
  readonly #input = new InputBuffer();
  readonly #read: Reader;
  readonly #grammar: Grammar<T>;
  /** The run of the grammar that waits for bytes. */
  #run: ReturnType<Grammar<T>> | undefined;
  /** Position in the stream of the first byte of the run. */
  #begin = 0;

  constructor(grammar: Grammar<T>, limit: number) {
    super();
    this.#grammar = grammar;
    this.#read = new Reader(this.#input, limit);
  }

  /** An item was begun, and waits for more bytes. */
  override get begun(): boolean {
    return this.#run !== undefined && !this.#input.betweenItems;
  }

  push(bytes: Uint8Array, out: Output<T>): void {
    if (bytes.length === 0) return;
    this.#input.viewed = false;
    this.#input.feed(bytes);
    this.#decode(out);
    if (this.#run !== undefined && this.#input.viewed) out.keep(); // the grammar goes on to use these views
    this.#input.leaveRead();
  }

  override end(out: Output<T>): void {
    this.#input.ended = true;
    this.#decode(out);
  }

  override takeUnused(): Uint8Array {
    return this.#input.takeAll();
  }

  override cancel(): void {
    this.#run?.return(undefined);
  }

  /** Runs the grammar until it needs more bytes than there are. */
  #decode(out: Output<T>): void {
    for (;;) {
      if (this.#run === undefined) {
        if (!this.#input.hasMore()) return;
        this.#begin = this.#input.position;
        this.#run = this.#grammar(this.#read);
      }
      const { done, value } = this.#run.next();
      if (value === needMore) return;
      if (value !== undefined) out.push(value as T);
      this.#input.viewed = false;
      if (done) this.#finishRun();
    }
  }

  #finishRun(): void {
    this.#run = undefined;
    if (this.#input.position > this.#begin) return;
    throw new EchopipeError(
      "invalid-argument",
      `Cannot decode: the grammar has returned without reading, at byte ${this.#begin} of the stream; ` +
        "expected it to read at least one byte",
      { position: this.#begin },
    );
  }
}

/**
 * A decoder for a protocol of one's own. The grammar is a generator function that reads one item and returns it; it is
 * run again for the next one, until the stream ends. An end within an item is an error of code `truncated`, unless the
 * grammar has asked `yield* read.atEnd()`.
 *
 * Parts of a grammar are generator functions of their own, which return a {@linkcode Reading}. A run may also `yield`
 * items: those of a list, or pieces of a content of any length.
 *
 * @example A type of one byte, then a text behind its length
 * ```ts
 * import assert from "node:assert/strict";
 * import { decoder } from "echopipe";
 *
 * const notes = decoder(function* (read) {
 *   const type = yield* read.u8();
 *   if (type !== 1) throw read.fault(`a type of ${type}`, "1");
 *   return yield* read.text(yield* read.u16());
 * });
 * const wire = Uint8Array.of(1, 0, 2, 104, 105, 1, 0, 1, 33);
 * assert.deepEqual(await Array.fromAsync(notes.over([wire.subarray(0, 4), wire.subarray(4)])), ["hi", "!"]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for a limit out of its range
 */
export function decoder<T>(
  grammar: Grammar<T>,
  { limit = DEFAULT_MESSAGE_LIMIT }: DecoderOptions = {},
): Stage<Uint8Array, T> {
  return new GrammarDecoder(grammar, checkInteger("limit", limit, 1, 2 ** 30 - 1));
}
