/**
 * A handler that speaks without being asked.
 *
 * @module
 */
import type { Chunk } from "../framing/chunk.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { isAnswer } from "./answer.ts";

/** Options of {@linkcode speak}. */
export interface SpeakOptions {
  /** Tells, once it speaks, if texts to the client need line ends. Default: they do. */
  readonly lines?: () => boolean;
  /** It speaks once this resolves, and ends the stream if this rejects: a login. Default: there is nothing to wait for. */
  readonly after?: Promise<unknown>;
  /**
   * Time that the client has to speak first, in milliseconds: with the framing `auto` its first byte tells how it wants
   * to be spoken to. Not used with `after`. Default 0.
   */
  readonly waitMs?: number;
}

/** The texts of a handler that speaks: several that go together, as one item. `lines`: they need line ends. */
export type Speech = (lines: boolean) => Iterable<readonly Chunk[]>;

class Speak extends Stage<Chunk, Chunk> {
  readonly #speech: Speech;
  readonly #options: SpeakOptions;
  #out: Output<Chunk> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #speaking: Promise<void> | undefined;
  /** The client has ended or left: the item under way is the last. */
  #over = false;

  constructor(speech: Speech, options: SpeakOptions) {
    super();
    this.#speech = speech;
    this.#options = options;
  }

  override start(out: Output<Chunk>): void {
    this.#out = out;
    const { after, waitMs = 0 } = this.#options;
    if (after !== undefined) after.then(() => this.#begin(), () => out.end());
    else if (waitMs > 0) this.#timer = setTimeout(() => this.#begin(), waitMs);
    else this.#begin();
  }

  push(chunk: Chunk, out: Output<Chunk>): void {
    if (isAnswer(chunk)) out.push(chunk); // from an earlier stage, not from the client
    if (this.#options.after === undefined) this.#begin();
  }

  override end(): Promise<void> | undefined {
    if (this.#options.after === undefined) this.#begin();
    this.#over = true;
    return this.#speaking;
  }

  override cancel(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #begin(): void {
    if (this.#speaking !== undefined || this.#over) return;
    clearTimeout(this.#timer);
    this.#speaking = this.#speak(this.#out!);
  }

  async #speak(out: Output<Chunk>): Promise<void> {
    const { lines = () => true } = this.#options;
    try {
      for (const chunks of this.#speech(lines())) {
        for (const chunk of chunks) out.push(chunk);
        await out.flush(); // a client that does not read is not spoken to
        if (this.#over) break;
      }
      out.end();
    } catch {
      // The stream was torn down: whoever runs it reports why.
    }
  }
}

/**
 * A handler that speaks without being asked, and throws away what the client sends. Each item of the speech is made when
 * the one before is taken: a speech may be endless. The stream ends with the speech; where the client ends first, the item
 * under way is the last, and there is at least one.
 *
 * @example A quote of the day, RFC 865
 * ```ts
 * import assert from "node:assert/strict";
 * import { Chunk, speak } from "echopipe";
 *
 * const quote = () => speak(() => [[Chunk.text("Less is more\r\n")]]);
 * const said = await Array.fromAsync(quote().over([]), (chunk) => chunk.toText());
 * assert.deepEqual(said, ["Less is more\r\n"]);
 * ```
 */
export function speak(speech: Speech, options: SpeakOptions = {}): Stage<Chunk, Chunk> {
  return new Speak(speech, options);
}
