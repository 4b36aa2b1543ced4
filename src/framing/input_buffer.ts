/**
 * Bytes that were read and not yet decoded.
 *
 * @module
 */
import { decodeUtf8 } from "./utf8.ts";

const CR = 0x0d;
/** The longest text that is decoded without a call of `TextDecoder`, in bytes. */
const MAX_SHORT = 8;
/** The least size of a buffer of its own, in bytes. */
const MIN_OWN = 64;
const none = new Uint8Array(0);

/**
 * Bytes that were read and not yet decoded: those of the last read, as they are. What a read leaves is copied to a
 * buffer of its own, and only as many bytes of the next read join it there as one request needs:
 *
 * ```text
 * own buffer   | left of earlier reads | joined |
 *                              read -> | joined | not looked at yet |
 * ```
 *
 * Once the bytes left of earlier reads are taken, the read itself is at hand again. So no byte is copied twice, except
 * while a request is longer than the buffer, which then doubles.
 */
export class InputBuffer {
  /** The bytes at hand. */
  bytes: Uint8Array = none;
  /** Index in `bytes` of the next byte. */
  at = 0;
  /** The stream has ended: nothing follows the bytes at hand. */
  ended = false;
  /** The grammar waits for the end or another item, and is inside none. */
  betweenItems = false;
  /** Views of the bytes at hand were given out. */
  viewed = false;
  /** Position in the stream of `bytes[0]`. */
  #base = 0;
  /** The buffer that `bytes` is a part of, where it is not a read. */
  #own: Uint8Array | undefined;
  /** The last read, while `bytes` is not it. */
  #read: Uint8Array | undefined;
  /** Number of bytes of the read that have joined the buffer. */
  #joined = 0;

  /** Position in the stream of the next byte. */
  get position(): number {
    return this.#base + this.at;
  }

  /** Number of bytes at hand. */
  get available(): number {
    return this.bytes.length - this.at;
  }

  /** Adds the bytes of a read. */
  feed(read: Uint8Array): void {
    this.#read = read;
    this.#joined = 0;
    if (this.available === 0) this.#switch(this.bytes.length);
  }

  /**
   * Brings more bytes of the last read to hand, if it has more; `wanted`: number of bytes that one request needs at
   * hand.
   */
  refill(wanted: number): boolean {
    const read = this.#read;
    if (read === undefined) return false;
    const left = this.bytes.length - this.#joined;
    if (this.at >= left) {
      this.#switch(left);
      return true;
    }
    const count = Math.min(Math.max(wanted - this.available, this.available), read.length - this.#joined);
    if (count === 0) return false;
    this.#append(read.subarray(this.#joined, this.#joined + count));
    this.#joined += count;
    return true;
  }

  /** True if there are bytes at hand, of the last read too. */
  hasMore(): boolean {
    while (this.available === 0) if (!this.refill(1)) return false;
    return true;
  }

  /** Copies what is left of the last read, whose memory may be used for another one. */
  leaveRead(): void {
    while (this.refill(Infinity));
    this.#read = undefined;
    if (this.#own !== undefined) return;
    const left = this.available > 0 ? this.bytes.subarray(this.at) : none;
    this.#base += this.at;
    this.at = 0;
    this.bytes = none;
    if (left.length > 0) this.#append(left);
  }

  /** Takes so many bytes, as a view. */
  take(count: number): Uint8Array {
    this.viewed = true;
    return this.bytes.subarray(this.at, this.at += count);
  }

  /** Takes all bytes, of the last read too. */
  takeAll(): Uint8Array {
    while (this.refill(Infinity));
    return this.take(this.available);
  }

  /** Takes an unsigned integer of two bytes. */
  take16(order: "big" | "little"): number {
    const first = this.bytes[this.at++];
    const second = this.bytes[this.at++];
    return order === "big" ? first << 8 | second : first | second << 8;
  }

  /** Takes an unsigned integer of four bytes. */
  take32(order: "big" | "little"): number {
    const first = this.take16(order);
    const second = this.take16(order);
    return order === "big" ? first * 65536 + second : first + second * 65536;
  }

  /** Takes so many bytes as text, in strict UTF-8. Throws `invalid-text`. */
  takeText(count: number): string {
    const { bytes, at } = this;
    const end = this.at = at + count;
    let text = "";
    if (count <= MAX_SHORT) {
      let i = at;
      while (i < end && bytes[i] < 0x80) text += String.fromCharCode(bytes[i++]);
      if (i === end) return text;
    }
    return decodeUtf8(bytes.subarray(at, end), this.#base + at);
  }

  /** Takes `size` bytes and the line feed behind them; returns them as text, without a carriage return at their end. */
  takeLine(size: number): string {
    const length = size > 0 && this.bytes[this.at + size - 1] === CR ? size - 1 : size;
    const text = this.takeText(length);
    this.at += size - length + 1;
    return text;
  }

  /** Number of bytes before a mark, of which the first `searched` are known not to contain it; -1: it is not at hand. */
  sizeBefore(mark: Uint8Array, searched = 0): number {
    const { bytes, at } = this;
    for (let from = at + searched;; from++) {
      from = bytes.indexOf(mark[0], from);
      if (from < 0 || from + mark.length > bytes.length) return -1;
      if (this.holds(mark, from)) return from - at;
    }
  }

  /** True if a mark is at that index of the bytes, which hold as many from there. */
  holds(mark: Uint8Array, index: number): boolean {
    const { bytes } = this;
    for (let i = 0; i < mark.length; i++) if (bytes[index + i] !== mark[i]) return false;
    return true;
  }

  /** Makes the last read the bytes at hand; its first byte follows the first `left` ones of the present bytes. */
  #switch(left: number): void {
    this.#base += left;
    this.at -= left;
    this.bytes = this.#read!;
    this.#read = this.#own = undefined;
  }

  /** Appends bytes to the buffer: in place where it has room, as views of it may be in use. */
  #append(more: Uint8Array): void {
    const length = this.bytes.length + more.length;
    if (this.#own === undefined || length > this.#own.length) {
      const { available } = this;
      const own = new Uint8Array(Math.max(MIN_OWN, (available + more.length) * 2));
      own.set(this.bytes.subarray(this.at));
      own.set(more, available);
      this.#own = own;
      this.#base += this.at;
      this.at = 0;
      this.bytes = own.subarray(0, available + more.length);
      return;
    }
    this.#own.set(more, this.bytes.length);
    this.bytes = this.#own.subarray(0, length);
  }
}
