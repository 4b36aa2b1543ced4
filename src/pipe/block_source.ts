/**
 * A source that reads files and standard input in large blocks.
 *
 * @module
 */
import type { ByteSource } from "./bytes.ts";

/** Free bytes before each block: an encoder can put a header there, so that header and block leave in one write. */
export const HEADROOM = 16;

/** The size of a block, in bytes. */
const BLOCK = 256 * 1024;

/** True for a block of a {@linkcode BlockSource}, which has free bytes before it. */
export function hasHeadroom({ buffer, byteOffset }: Uint8Array): boolean {
  return byteOffset === HEADROOM && buffer.byteLength === HEADROOM + BLOCK;
}

/**
 * Reads blocks of up to 256 KiB, each {@linkcode HEADROOM} bytes into a buffer of its own. The next block is read ahead
 * while the last one is in use. Released buffers are reused.
 */
export class BlockSource implements ByteSource {
  readonly #readInto: (room: Uint8Array) => Promise<number | null>;
  #close: (() => void | Promise<void>) | undefined;
  /** Buffers that were released. */
  readonly #free: Uint8Array[] = [];
  #ahead: Promise<Uint8Array | null> | undefined;
  #last: Uint8Array | undefined;

  /** Makes a source. `readInto` reads into the given buffer and returns the number of bytes, or null at the end. */
  constructor(readInto: (room: Uint8Array) => Promise<number | null>, close: () => void | Promise<void> = () => {}) {
    this.#readInto = readInto;
    this.#close = close;
  }

  async read(): Promise<Uint8Array | null> {
    const block = await (this.#ahead ?? this.#readBlock());
    this.#last = block ?? undefined;
    this.#ahead = block === null ? Promise.resolve(null) : this.#readBlock();
    this.#ahead.catch(() => {}); // reported by the next read
    return block;
  }

  release(): void {
    if (this.#last !== undefined && this.#free.length < 2) this.#free.push(new Uint8Array(this.#last.buffer));
    this.#last = undefined;
  }

  async abort(): Promise<void> {
    const close = this.#close;
    this.#close = undefined;
    await close?.();
  }

  async #readBlock(): Promise<Uint8Array | null> {
    const buffer = this.#free.pop() ?? new Uint8Array(HEADROOM + BLOCK);
    const count = await this.#readInto(buffer.subarray(HEADROOM));
    if (count === null || count === 0) {
      await this.abort();
      return null;
    }
    return buffer.subarray(HEADROOM, HEADROOM + count);
  }
}
