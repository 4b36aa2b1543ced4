/**
 * Chunks to texts.
 *
 * @module
 */
import type { Chunk } from "../framing/chunk.ts";
import { MAX_TEXT } from "./text.ts";

/** A whole text, without its line end; or why it is none that can be sent. */
export type Gathered = { readonly text: string } | { readonly problem: string };

/** Gathers the chunks of a message or line, as long as it may still be sent; of a longer one only its length. */
export class TextGatherer {
  /** Room for the longest text and its line end. */
  readonly #bytes = new Uint8Array(MAX_TEXT + 2);
  #length = 0;
  #sized = false;

  /** Takes a chunk; the text, if it was the last one. */
  take(chunk: Chunk): Gathered | undefined {
    this.#sized = chunk.size !== undefined;
    if (this.#length + chunk.length <= this.#bytes.length) this.#bytes.set(chunk.bytes, this.#length);
    this.#length += chunk.length;
    return chunk.last ? this.#finish() : undefined;
  }

  /** No more chunks come: what there is of a text. */
  end(): Gathered | undefined {
    return this.#length > 0 ? this.#finish() : undefined;
  }

  #finish(): Gathered {
    let length = this.#length;
    this.#length = 0;
    if (length <= this.#bytes.length && !this.#sized) length = withoutLineEnd(this.#bytes, length);
    if (length > MAX_TEXT) {
      return { problem: `Cannot send a text of ${length} bytes: the limit is ${MAX_TEXT} bytes` };
    }
    try {
      return { text: decoder.decode(this.#bytes.subarray(0, length)) };
    } catch {
      return { problem: "Cannot send a text that is not UTF-8" };
    }
  }
}

function withoutLineEnd(bytes: Uint8Array, length: number): number {
  if (bytes[length - 1] !== 0x0a) return length;
  return bytes[length - 2] === 0x0d && length > 1 ? length - 2 : length - 1;
}

const decoder = new TextDecoder("utf-8", { fatal: true });
