/**
 * Encodes whole frames.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { Batch } from "./batch.ts";
import type { FrameLayout } from "./frame_layout.ts";
import { checkBytes } from "../stage/items.ts";
import { tooLargeToSend } from "./too_large.ts";

/** Encodes what a {@linkcode FrameDecoder} emits: bytes that it drops are sent as zeros, with the length in its place. */
export class FrameEncoder extends Stage<Uint8Array, Uint8Array<ArrayBuffer>> {
  readonly #layout: FrameLayout;
  readonly #limit: number;
  /** Bytes to put in front of an item; -1: the header. */
  readonly #strip: number;
  readonly #batch = new Batch();

  /** Makes an encoder. `strip` undefined: items are payloads. */
  constructor(layout: FrameLayout, limit: number, strip: number | undefined) {
    super();
    this.#layout = layout;
    this.#limit = limit;
    this.#strip = strip ?? -1;
  }

  push(item: Uint8Array, out: Output<Uint8Array<ArrayBuffer>>): void {
    checkBytes(item);
    const layout = this.#layout;
    const batch = this.#batch;
    const width = this.#strip < 0 ? layout.widthBefore(item.length) : layout.widthWithin(item, this.#strip);
    const lead = this.#strip < 0 ? width : this.#strip;
    const size = lead + item.length - width;
    const length = layout.lengthOf(size, width);
    if (size > this.#limit) throw tooLargeToSend("frame", size, this.#limit);
    if (size < 0 || length < 0 || length > layout.max) throw this.#refused(size, length);
    if (lead >= width) {
      const at = batch.reserve(lead, out);
      layout.write(batch.memory, at, width, length);
      batch.add(item, out);
    } else {
      // The length belongs into the item: into a copy of it.
      const at = batch.reserve(lead + item.length, out);
      batch.memory.set(item, at + lead);
      layout.write(batch.memory, at, width, length);
    }
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#batch.flush(out);
  }

  #refused(size: number, length: number): EchopipeError {
    if (size < 0) {
      return new EchopipeError("invalid-argument", `Cannot send a frame: it is ${-size} bytes short of its header`, {
        received: size,
      });
    }
    const { max } = this.#layout;
    return new EchopipeError(
      length > max ? "too-large" : "invalid-argument",
      `Cannot send a frame of ${size} bytes: its length is ${length}; expected one from 0 to ${max}`,
      { received: length, limit: max },
    );
  }
}
