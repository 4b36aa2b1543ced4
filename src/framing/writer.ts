/**
 * Memory for the bytes of encoded items.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { checkBytes, wrongItem } from "../stage/items.ts";
import type { ByteOrder } from "./reader.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Size of a slab, in bytes. */
const SLAB = 16 * 1024;
/** The longest bytes that are copied, and text that is encoded into the slab; in bytes. */
const MAX_COPIED = 4 * 1024;
/** The longest text that is encoded without a call of `TextEncoder`. */
const MAX_SHORT = 16;

const encoder = new TextEncoder();
/** The slab of all writers of this thread: parts are given out one after another, and never again. */
let slab = new Uint8Array(0);
/** Index in the slab of its first free byte. */
let free = 0;

/** What an encoder writes its items to. Small pieces are joined, so that many items leave in one write. */
export class Writer {
  readonly #emit: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** The slab that holds what is not emitted yet, from `#start` to `#end`. */
  #slab = slab;
  #start = 0;
  #end = 0;

  /** Makes a writer that emits joined bytes by the function. */
  constructor(emit: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#emit = emit;
  }

  /** An unsigned integer of one byte. */
  u8(value: number): void {
    this.#check(value, 0xff);
    const at = this.#room(1);
    slab[at] = value;
    this.#wrote(1);
  }

  /** An unsigned integer of two bytes. */
  u16(value: number, order: ByteOrder = "big"): void {
    this.#check(value, 0xffff);
    this.#integer(value, 2, order);
  }

  /** An unsigned integer of four bytes. */
  u32(value: number, order: ByteOrder = "big"): void {
    this.#check(value, 0xffffffff);
    this.#integer(value, 4, order);
  }

  /** A text in UTF-8. Throws `invalid-text` for half a surrogate pair, `invalid-argument` for anything but a string. */
  text(text: string): void {
    if (typeof text !== "string") throw wrongItem(text, "a string", "write");
    if (text.length > MAX_SHORT) return this.#long(text);
    const at = this.#room(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return this.#long(text);
      slab[at + i] = code;
    }
    this.#wrote(text.length);
  }

  /** Bytes as they are. More than 4 KiB are not copied: they must not change before they are sent. */
  bytes(bytes: Uint8Array): void {
    checkBytes(bytes, "write");
    if (bytes.length > MAX_COPIED) {
      this.flush();
      return this.#emit(bytes as Uint8Array<ArrayBuffer>); // no read is into shared memory
    }
    const at = this.#room(bytes.length); // which may begin a new slab
    slab.set(bytes, at);
    this.#wrote(bytes.length);
  }

  /** Emits what was written. */
  flush(): void {
    if (this.#end === this.#start) return;
    const bytes = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#emit(bytes);
  }

  #long(text: string): void {
    if (text.length * 3 > MAX_COPIED) return this.bytes(encodeUtf8(text));
    if (!text.isWellFormed()) encodeUtf8(text); // throws
    const at = this.#room(text.length * 3);
    this.#wrote(encoder.encodeInto(text, slab.subarray(at)).written);
  }

  #integer(value: number, width: number, order: ByteOrder): void {
    const at = this.#room(width);
    for (let i = 0; i < width; i++) slab[order === "big" ? at + width - 1 - i : at + i] = value >>> 8 * i;
    this.#wrote(width);
  }

  /** Returns the index in the slab of so many free bytes, which follow those that are not emitted yet. */
  #room(size: number): number {
    if (this.#slab === slab && this.#end === free && free + size <= slab.length) return free;
    this.flush(); // another writer has written, or the slab is full
    if (free + size > slab.length) {
      slab = new Uint8Array(SLAB);
      free = 0;
    }
    this.#slab = slab;
    return this.#start = this.#end = free;
  }

  #wrote(size: number): void {
    this.#end = free += size;
  }

  #check(value: number, max: number): void {
    if (value >= 0 && value <= max && Number.isInteger(value)) return;
    throw new EchopipeError("invalid-argument", `Cannot write ${value}: expected an integer from 0 to ${max}`, {
      received: value,
      limit: max,
    });
  }
}
