/**
 * What one reader of a connection leaves for the next.
 *
 * @module
 */

/** Bytes that were put back, and a read that is pending although its reader has left. */
export class LeftOver {
  readonly #bytes: Uint8Array[] = [];
  #read: Promise<Uint8Array | null> | undefined;

  /** True while bytes were put back. */
  get hasBytes(): boolean {
    return this.#bytes.length > 0;
  }

  /** True while a read was left behind. */
  get hasRead(): boolean {
    return this.#read !== undefined;
  }

  /** Puts a copy of bytes back, in front of all others. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#bytes.unshift(bytes.slice());
  }

  /** Leaves a read that is pending. */
  leave(read: Promise<Uint8Array | null> | undefined): void {
    this.#read = read;
  }

  /** Takes the next bytes. */
  takeBytes(): Uint8Array | undefined {
    return this.#bytes.shift();
  }

  /** Takes the read. */
  takeRead(): Promise<Uint8Array | null> | undefined {
    const read = this.#read;
    this.#read = undefined;
    return read;
  }
}
