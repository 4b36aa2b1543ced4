/**
 * The character generator.
 *
 * @module
 */
import { Chunk } from "../framing/chunk.ts";
import type { Stage } from "../stage/stage.ts";
import { speak, type SpeakOptions } from "./speak.ts";

/** The printing characters of ASCII, the space among them, in a ring. */
const [FIRST, RING] = [0x20, 95];
/** Characters of a line. */
const LINE = 72;
/** The same with its line end. */
const WIDTH = LINE + 2;
const [CR, LF] = [0x0d, 0x0a];

let lines: Uint8Array | undefined;

/** All lines of RFC 864, after which the first comes again: each begins one character later in the ring. */
export function characterLines(): Uint8Array {
  return lines ??= Uint8Array.from({ length: RING * WIDTH }, (_, at) => {
    const [line, column] = [Math.floor(at / WIDTH), at % WIDTH];
    return column === LINE ? CR : column === LINE + 1 ? LF : FIRST + (line + column) % RING;
  });
}

/** The lines as messages, parts of one buffer: where framing adds nothing, they leave as one piece. */
function linesOf(length: number): readonly Chunk[] {
  return Array.from({ length: RING }, (_, line) => {
    const start = line * WIDTH;
    return new Chunk(characterLines(), start, start + length, "text", true, true, length);
  });
}

/**
 * A handler that sends the rotating lines of 72 printing characters of RFC 864 until the client ends, and throws away what
 * it sends. Each line is a text message of its own, and has a line end where the framing needs it. A client that does not
 * read is sent no more than its window holds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chargen } from "echopipe";
 *
 * const [first, second] = await Array.fromAsync(chargen().over([]), (line) => line.toText());
 * assert.equal(first.slice(0, 10), " !\"#$%&'()");
 * assert.equal(second, first.slice(1, 72) + "h\r\n");
 * ```
 */
export function chargen(options?: SpeakOptions): Stage<Chunk, Chunk> {
  return speak(function* (ended) {
    const all = linesOf(ended ? WIDTH : LINE);
    for (;;) yield all;
  }, options);
}
