/**
 * Decodes whole frames.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import type { FrameLayout } from "./frame_layout.ts";
import { Gather } from "./gather.ts";

/**
 * Decodes bytes into whole frames. Those that are whole in one read are views of it; one that is cut is gathered.
 *
 * ```text
 *           the rest of the held frame      whole frames: views       held until the rest arrives
 * read:   |---------------------------|--------|------------|----|---------
 * ```
 */
export class FrameDecoder extends Stage<Uint8Array, Uint8Array> {
  readonly #layout: FrameLayout;
  readonly #limit: number;
  /** Bytes to drop at the beginning of a frame; -1: its header. */
  readonly #strip: number;
  /** The beginning of a frame that is not complete. */
  readonly #held = new Gather();
  /** Width of the held frame's header; 0 while that is not complete. */
  #heldWidth = 0;
  /** Length of the held frame, with its header. */
  #heldTotal = 0;
  /** Position in the stream of the bytes at hand. */
  #position = 0;

  /** Makes a decoder. `strip` undefined: the header is dropped. */
  constructor(layout: FrameLayout, limit: number, strip: number | undefined) {
    super();
    this.#layout = layout;
    this.#limit = limit;
    this.#strip = strip ?? -1;
  }

  /** A frame was begun, and waits for more bytes. */
  override get begun(): boolean {
    return this.#held.length > 0;
  }

  push(bytes: Uint8Array, out: Output<Uint8Array>): void {
    const layout = this.#layout;
    const strip = this.#strip;
    const { buffer, byteOffset, length } = bytes;
    let at = this.#held.length > 0 ? this.#fillHeld(bytes, out) : 0;
    while (at < length) {
      const width = layout.width(bytes, at, length);
      if (width === 0) break;
      const size = layout.announced(bytes, at, width);
      if (!(size >= 0 && size <= this.#limit)) throw this.#refused(size, at);
      const end = at + width + size;
      if (end > length) {
        this.#heldWidth = width;
        this.#heldTotal = width + size;
        break;
      }
      const start = at + (strip < 0 ? width : strip);
      if (start > end) throw this.#tooShort(width + size, at);
      out.push(new Uint8Array(buffer, byteOffset + start, end - start));
      at = end;
    }
    if (at < length) this.#held.add(bytes, at, length, this.#heldWidth > 0 ? this.#heldTotal : undefined);
    this.#position += length;
  }

  override end(): void {
    const { length } = this.#held;
    if (length === 0) return;
    const part = this.#heldWidth === 0 ? "its header" : `its ${this.#heldTotal} bytes`;
    throw new EchopipeError(
      "truncated",
      `Cannot read a frame: the stream ended at byte ${this.#position}, after ${length} bytes of it; expected ${part}`,
      { position: this.#position, received: length, ...(this.#heldWidth > 0 && { expected: this.#heldTotal }) },
    );
  }

  /** Completes the held frame as far as the bytes go; returns the index after those that were used. */
  #fillHeld(bytes: Uint8Array, out: Output<Uint8Array>): number {
    const held = this.#held;
    let at = 0;
    while (this.#heldWidth === 0) {
      if (at === bytes.length) return at;
      held.add(bytes, at, ++at);
      const width = this.#layout.width(held.memory, 0, held.length);
      if (width === 0) continue;
      const size = this.#layout.announced(held.memory, 0, width);
      if (!(size >= 0 && size <= this.#limit)) throw this.#refused(size, at - held.length);
      this.#heldWidth = width;
      this.#heldTotal = width + size;
    }
    const total = this.#heldTotal;
    const end = Math.min(bytes.length, at + total - held.length);
    held.add(bytes, at, end, total);
    if (held.length < total) return end;
    const strip = this.#strip < 0 ? this.#heldWidth : this.#strip;
    if (strip > total) throw this.#tooShort(total, end - total);
    this.#heldWidth = 0;
    out.push(held.take().subarray(strip));
    return end;
  }

  /** The error for a header that announces what cannot be. `at` is the index of its first byte in the bytes at hand. */
  #refused(size: number, at: number): EchopipeError {
    const position = this.#position + at;
    const attempt = `Cannot read the frame at byte ${position} of the stream`;
    if (size < 0) {
      return new EchopipeError(
        "protocol",
        `${attempt}: its length is not possible; expected one that fits its header`,
        {
          position,
          received: size,
        },
      );
    }
    const found = `its header announces ${size} bytes; expected at most ${this.#limit}`;
    return new EchopipeError("too-large", `${attempt}: ${found}`, { position, received: size, limit: this.#limit });
  }

  #tooShort(received: number, at: number): EchopipeError {
    const position = this.#position + at;
    return new EchopipeError(
      "protocol",
      `Cannot read the frame at byte ${position} of the stream: it has ${received} bytes; ` +
        `expected ${this.#strip} or more, which are dropped`,
      { position, received, expected: this.#strip },
    );
  }
}
