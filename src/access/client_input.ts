/**
 * Chunks of a client that is not admitted, as what it says.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Chunk } from "../framing/chunk.ts";
import { TextGatherer } from "../framing/text_gatherer.ts";
import { type Control, parseControl } from "./control.ts";

/** Text that a client may send before it is admitted, in bytes. */
const MAX_TEXT = 4096;

/** Input of a client, or an event that takes its place. */
export type ClientInput =
  | Control
  /** A control message of a type that is not known. */
  | { readonly type: "unknown" }
  /** An answer in plain text. */
  | { readonly type: "line"; readonly value: string }
  | { readonly type: "exit" }
  /** A message for the handler, before the login. */
  | { readonly type: "early" }
  /** More text than a login takes. */
  | { readonly type: "overflow"; readonly limit: number }
  | { readonly type: "timeout" }
  /** The client may no longer use the server. */
  | { readonly type: "revoked"; readonly text: string };

/** Reads what a client says, in control messages and in plain text. */
export class InputReader {
  #texts: TextGatherer | undefined;
  #length = 0;

  /**
   * Reads a chunk of text or data; undefined: the answer goes on. A client that said hello answers in control messages:
   * its texts are messages.
   */
  read(chunk: Chunk, saidHello: boolean): ClientInput | undefined {
    if (saidHello || chunk.kind === "data") {
      const whole = chunk.kind === "text" && chunk.first && chunk.last;
      return whole && new TextDecoder().decode(chunk.bytes) === "exit" ? { type: "exit" } : { type: "early" };
    }
    this.#length += chunk.length;
    if (this.#length > MAX_TEXT) return { type: "overflow", limit: MAX_TEXT };
    return answered((this.#texts ??= new TextGatherer(MAX_TEXT)).take(chunk));
  }

  /** The client has ended: its last line need not. */
  end(): ClientInput | undefined {
    return answered(this.#texts?.end());
  }
}

function answered(value: string | undefined): ClientInput | undefined {
  return value === undefined ? undefined : value === "exit" ? { type: "exit" } : { type: "line", value };
}

/** Reads a control message; `position`: where in the stream its header begins, in bytes. */
export function readControl(chunk: Chunk, position: number): ClientInput {
  try {
    return parseControl(chunk.bytes) ?? { type: "unknown" };
  } catch (cause) {
    if (!(cause instanceof EchopipeError)) throw cause;
    const { code, message, expected } = cause;
    throw new EchopipeError(code, `${message}, at byte ${position} of the stream`, { position, expected, cause });
  }
}
