/**
 * How the steps of a login look on the wire: as control messages, or as a dialogue in plain text.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Chunk } from "../framing/chunk.ts";
import type { AccessMode, Step } from "./steps.ts";
import { CONTROL_VERSION, controlChunk, type ServerControl } from "./control.ts";

const strict = new TextDecoder("utf-8", { fatal: true });

function stepControl(step: Step, access: AccessMode): ServerControl {
  switch (step.type) {
    case "welcome":
      return {
        type: "welcome",
        version: CONTROL_VERSION,
        access,
        ...(step.name !== undefined && { name: step.name }),
        ...(step.token !== undefined && { token: step.token }),
        ...(step.expires !== undefined && { expires: step.expires.toISOString() }),
      };
    case "refused":
      return {
        type: "refused",
        code: step.code,
        text: step.text,
        ...(step.retryAfter !== undefined && { retry_after_s: step.retryAfter }),
      };
    case "ask":
      return { type: "ask", field: step.field, text: step.text };
    default:
      return step;
  }
}

/** A step as a control message. */
export function stepChunk(step: Step, access: AccessMode): Chunk {
  return controlChunk(stepControl(step, access));
}

/** A step as a line of text; undefined where there is nothing to say. */
export function stepText(step: Step): string | undefined {
  if (step.type !== "refused") return step.text;
  const later = step.retryAfter === undefined ? "" : `; try again in ${step.retryAfter} s`;
  return `Refused: ${step.text}${later}`;
}

/** Gathers the lines, or whole text messages, of a dialogue from their chunks, up to a limit. */
export class LineGatherer {
  readonly #limit: number;
  readonly #bytes: Uint8Array;
  #length = 0;
  #total = 0;

  /** Gathers at most `limit` bytes in all. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(limit);
  }

  /** The line that this chunk completes, without its end; undefined: none yet; null: beyond the limit. */
  add(chunk: Chunk): string | undefined | null {
    this.#total += chunk.length;
    if (this.#total > this.#limit) return null;
    this.#bytes.set(chunk.bytes, this.#length);
    this.#length += chunk.length;
    if (!chunk.last) return undefined;
    const line = this.rest() ?? "";
    return chunk.size === undefined ? line.replace(/\r?\n$/, "") : line;
  }

  /** The line that was begun and not completed, if there is one. */
  rest(): string | undefined {
    if (this.#length === 0) return undefined;
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    try {
      return strict.decode(bytes);
    } catch (cause) {
      throw new EchopipeError("invalid-text", "Cannot read an answer: it is not UTF-8", { cause });
    } finally {
      bytes.fill(0); // it may be a password
    }
  }
}
