/**
 * The output of an encoder: small pieces copied together, large ones passed on as they are.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import type { Output } from "../../stage/stage.ts";

/** Up to this length a payload is copied behind its header, so that a burst of messages leaves as one view. */
const MAX_COPIED = 4096;
/** Size of the first buffer for copies, in bytes; as many are made as needed. */
const SLAB = 1024;
/** Size of the largest buffer. */
const MAX_SLAB = 32 * 1024;
/** Bytes that may be held until the handshake is done. */
const MAX_HELD = 64 * 1024;
const EMPTY = new Uint8Array(0);

/** Buffers frames: adjacent payload of one source is one piece, and pieces are copied or passed on by their length. */
export class FrameBuffer {
  /** Copies: from `#sent` to `#used` of the buffer they are not emitted yet. */
  #slab: Uint8Array<ArrayBuffer> = EMPTY;
  #sent = 0;
  #used = 0;
  /** The piece of payload behind them: it may go on. */
  #source: Uint8Array | undefined;
  #start = 0;
  #end = 0;
  /** What waits for the handshake. */
  #held: Uint8Array<ArrayBuffer>[] | undefined = [];
  #heldLength = 0;

  /** True until the handshake is done. */
  get held(): boolean {
    return this.#held !== undefined;
  }

  /** Emits what was held. */
  release(out: Output<Uint8Array<ArrayBuffer>>): void {
    const held = this.#held;
    this.#held = undefined;
    for (const bytes of held ?? []) out.push(bytes);
  }

  /** Drops all. */
  drop(): void {
    this.#held = undefined;
    this.#source = undefined;
    this.#slab = EMPTY;
    this.#sent = this.#used = 0;
  }

  /** The memory to write to, from index `at` on, after `reserve`. */
  get bytes(): Uint8Array {
    return this.#slab;
  }

  /** The index in `bytes` of the next byte. */
  get at(): number {
    return this.#used;
  }

  /** Makes room for `length` bytes at `at`. `expected`: as many may well follow. */
  reserve(length: number, expected: number, out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#settlePiece(out);
    this.#grow(length, expected, out);
  }

  /** Takes the bytes up to index `at` as written. */
  advance(at: number): void {
    this.#used = at;
  }

  /** Adds payload. */
  add(source: Uint8Array, start: number, end: number, out: Output<Uint8Array<ArrayBuffer>>): void {
    if (this.#source === source && this.#end === start) {
      this.#end = end;
      return;
    }
    this.#settlePiece(out);
    this.#source = source;
    this.#start = start;
    this.#end = end;
  }

  /** Emits all of it. An idle connection holds no buffer. */
  flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#settlePiece(out);
    this.#emit(out);
    this.#slab = EMPTY;
    this.#sent = this.#used = 0;
  }

  #settlePiece(out: Output<Uint8Array<ArrayBuffer>>): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#source = undefined;
    const length = this.#end - this.#start;
    if (length > MAX_COPIED && this.#held === undefined) {
      this.#emit(out);
      // Shared memory, which the type excludes, is written all the same.
      out.push(source.subarray(this.#start, this.#end) as Uint8Array<ArrayBuffer>);
      return;
    }
    this.#grow(length, 0, out);
    this.#slab.set(source.subarray(this.#start, this.#end), this.#used);
    this.#used += length;
  }

  /** Makes room in the buffer. What stands in it already is emitted: the memory of a view is not written again. */
  #grow(length: number, expected: number, out: Output<Uint8Array<ArrayBuffer>>): void {
    if (this.#slab.length - this.#used >= length) return;
    this.#emit(out);
    const likely = length + Math.min(expected, MAX_COPIED);
    this.#slab = new Uint8Array(Math.max(likely, Math.min(MAX_SLAB, this.#slab.length * 4 || SLAB)));
    this.#sent = this.#used = 0;
  }

  #emit(out: Output<Uint8Array<ArrayBuffer>>): void {
    if (this.#used === this.#sent) return;
    const bytes = this.#slab.subarray(this.#sent, this.#used);
    this.#sent = this.#used;
    if (this.#held === undefined) return out.push(bytes);
    this.#heldLength += bytes.length;
    if (this.#heldLength > MAX_HELD) {
      throw new EchopipeError("busy", `Cannot send before the handshake is done: more than ${MAX_HELD} bytes wait`, {
        limit: MAX_HELD,
      });
    }
    this.#held.push(bytes);
  }
}
