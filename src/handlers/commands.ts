/**
 * Commands: messages that consist of one word, such as `exit` or `stop`.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { Chunk } from "../framing/chunk.ts";
import { type Output, Stage } from "../stage/stage.ts";

/** The action of a command; an answer is pushed to `out`. */
export type Command = (out: Output<Chunk>) => void | Promise<void>;

const CR = 0x0d;
const LF = 0x0a;

/** A word in bytes, and its command. */
interface Word {
  readonly letters: Uint8Array;
  readonly run: Command;
}

/** Cache of words in bytes: every connection uses the same few. */
const letters = new Map<string, Uint8Array>();
/** Limit of the cache. */
const MAX_WORDS = 100;

function lettersOf(word: string): Uint8Array {
  const known = letters.get(word);
  if (known !== undefined) return known;
  const made = new TextEncoder().encode(word);
  if (letters.size < MAX_WORDS) letters.set(word, made);
  return made;
}

/**
 * Executes commands and removes them from the stream. A command is a whole text message, in any number of chunks, that
 * equals the word; in the framing `line`, a line that equals the word before its `\n` or `\r\n`. A message that may
 * become a command is held back, at most the length of the longest word; all else passes without delay.
 */
class Commands extends Stage<Chunk, Chunk> {
  readonly #words: readonly Word[];
  /** The longest word in bytes, including a line end. */
  readonly #longest: number;
  /** Buffer of the message held back; made on demand. */
  #held: Uint8Array | undefined;
  #heldLength = 0;

  constructor(commands: Readonly<Record<string, Command>>) {
    super();
    this.#words = Object.entries(commands).map(([word, run]) => ({ letters: lettersOf(word), run }));
    if (this.#words.length === 0 || this.#words.some(({ letters }) => letters.length === 0)) {
      throw new EchopipeError(
        "invalid-argument",
        "Cannot take commands: expected at least one word of at least one letter",
      );
    }
    this.#longest = Math.max(...this.#words.map(({ letters }) => letters.length)) + 2;
  }

  push(chunk: Chunk, out: Output<Chunk>): void | Promise<void> {
    if (this.#heldLength > 0) return this.#pushHeld(chunk, out);
    if (!chunk.first || chunk.kind !== "text" || chunk.end - chunk.start > this.#longest) {
      out.push(chunk);
      return;
    }
    return this.#consider(chunk, out);
  }

  override end(out: Output<Chunk>): void {
    this.#release(out, undefined);
  }

  /** Handles the beginning of a message that is short enough to become a command. */
  #consider(chunk: Chunk, out: Output<Chunk>): void | Promise<void> {
    const { source, start, end, size } = chunk;
    if (chunk.last) {
      const word = this.#words.find(({ letters }) => isCommand(source, start, end, letters, size !== undefined));
      if (word !== undefined) return word.run(out);
    } else if (this.#words.some(({ letters }) => mayBecome(source, start, end, letters, size))) {
      this.#held ??= new Uint8Array(this.#longest);
      this.#held.set(chunk.bytes);
      this.#heldLength = chunk.length;
      return;
    }
    out.push(chunk);
  }

  /** Handles the next chunk of a message that is held back. */
  #pushHeld(chunk: Chunk, out: Output<Chunk>): void | Promise<void> {
    const length = this.#heldLength + chunk.length;
    if (length > this.#longest) {
      this.#release(out, chunk.size);
      out.push(chunk);
      return;
    }
    const held = this.#held!;
    held.set(chunk.bytes, this.#heldLength);
    this.#heldLength = 0;
    const joined = held.slice(0, length);
    return this.#consider(new Chunk(joined, 0, length, "text", true, chunk.last, chunk.size), out);
  }

  #release(out: Output<Chunk>, size: number | undefined): void {
    if (this.#heldLength === 0) return;
    const held = this.#held!.slice(0, this.#heldLength);
    this.#heldLength = 0;
    out.push(new Chunk(held, 0, held.length, "text", true, false, size));
  }
}

/** True for bytes that equal the word, followed by a line end where the framing has line ends. */
function isCommand(bytes: Uint8Array, start: number, end: number, word: Uint8Array, sized: boolean): boolean {
  let length = end - start;
  if (!sized && bytes[end - 1] === LF) length -= bytes[end - 2] === CR && length > 1 ? 2 : 1;
  return length === word.length && word.every((letter, i) => bytes[start + i] === letter);
}

/** True for bytes that may be the beginning of such a message. */
function mayBecome(bytes: Uint8Array, start: number, end: number, word: Uint8Array, size: number | undefined): boolean {
  if (size !== undefined && size !== word.length) return false;
  for (let i = 0; i < end - start; i++) {
    if (bytes[start + i] !== (i < word.length ? word[i] : i === word.length ? CR : -1)) return false;
  }
  return true;
}

/**
 * A stage that executes commands, and passes on everything else unchanged. A message of kind `data` is never a command.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { commands, Chunk } from "echopipe";
 *
 * const ping = commands({ ping: (out) => out.push(Chunk.text("pong")) });
 * const answers = ping.over([Chunk.text("ping"), Chunk.text("pin")]);
 * assert.deepEqual(await Array.fromAsync(answers, (p) => new TextDecoder().decode(p.bytes)), ["pong", "pin"]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` if there is no word, or an empty one
 */
export function commands(table: Readonly<Record<string, Command>>): Stage<Chunk, Chunk> {
  return new Commands(table);
}
