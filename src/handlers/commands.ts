/**
 * Commands: messages that are one word, such as `exit` and `stop`.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { Chunk } from "../framing/chunk.ts";
import { type Output, Stage } from "../stage/stage.ts";

/** What a command does; `out` is where an answer goes. */
export type Command = (out: Output<Chunk>) => void | Promise<void>;

const CR = 0x0d;
const LF = 0x0a;

/** The letters of a word, and the command it is. */
interface Word {
  readonly letters: Uint8Array;
  readonly run: Command;
}

/** The bytes of words: the same few in every connection. */
const letters = new Map<string, Uint8Array>();
/** So many are kept, whatever programs come up with. */
const MAX_WORDS = 100;

function lettersOf(word: string): Uint8Array {
  const known = letters.get(word);
  if (known !== undefined) return known;
  const made = new TextEncoder().encode(word);
  if (letters.size < MAX_WORDS) letters.set(word, made);
  return made;
}

/**
 * Takes commands out of what passes. Only whole text messages count, in whatever chunks they come: a line that is the
 * word before its `\n` or `\r\n`, a text message that is the word. Nothing else ever waits; of a message that could still
 * become a command, at most the letters of the longest word are held, and sent on if it does not.
 */
class Commands extends Stage<Chunk, Chunk> {
  readonly #words: readonly Word[];
  /** The longest word in bytes, its line end counted. */
  readonly #longest: number;
  /** Made when there is something to hold. */
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

  /** A message that begins, and is short enough so far. */
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

  /** More of a message whose beginning is held. */
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

/** Whether the bytes are the word and, where the framing has line ends, one of those. */
function isCommand(bytes: Uint8Array, start: number, end: number, word: Uint8Array, sized: boolean): boolean {
  let length = end - start;
  if (!sized && bytes[end - 1] === LF) length -= bytes[end - 2] === CR && length > 1 ? 2 : 1;
  return length === word.length && word.every((letter, i) => bytes[start + i] === letter);
}

/** Whether the bytes are the beginning of such a message. */
function mayBecome(bytes: Uint8Array, start: number, end: number, word: Uint8Array, size: number | undefined): boolean {
  if (size !== undefined && size !== word.length) return false;
  for (let i = 0; i < end - start; i++) {
    if (bytes[start + i] !== (i < word.length ? word[i] : i === word.length ? CR : -1)) return false;
  }
  return true;
}

/**
 * A stage that takes commands out of what passes, and lets all else by untouched. `data` is never a command.
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
