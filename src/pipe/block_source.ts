/**
 * Bytes of a file or of standard input, in large blocks.
 *
 * @module
 */
import type { ByteSource } from "./bytes.ts";

/** Free bytes before each block: an encoder can put its header there, so that header and block are one write. */
export const HEADROOM = 16;

/** The size of a block, in bytes. */
const BLOCK = 256 * 1024;

/** Whether the bytes are a block of a {@linkcode BlockSource}, with its free bytes before them. */
export function hasHeadroom({ buffer, byteOffset }: Uint8Array): boolean {
  return byteOffset === HEADROOM && buffer.byteLength === HEADROOM + BLOCK;
}

/**
 * A source that reads into blocks of its own. Each chunk begins {@linkcode HEADROOM} bytes into its buffer. The next block
 * is read while the one before is at work.
 */
export class BlockSource implements ByteSource {
  readonly #readInto: (room: Uint8Array) => Promise<number | null>;
  #close: (() => void | Promise<void>) | undefined;
  /** Blocks that were released. */
  readonly #free: Uint8Array[] = [];
  #ahead: Promise<Uint8Array | null> | undefined;
  #last: Uint8Array | undefined;

  /** `readInto` fills as much of its room as there is at hand, and returns how much, or null at the end. */
  constructor(readInto: (room: Uint8Array) => Promise<number | null>, close: () => void | Promise<void> = () => {}) {
    this.#readInto = readInto;
    this.#close = close;
  }

  async read(): Promise<Uint8Array | null> {
    const block = await (this.#ahead ?? this.#readBlock());
    this.#last = block ?? undefined;
    this.#ahead = block === null ? Promise.resolve(null) : this.#readBlock();
    this.#ahead.catch(() => {}); // it fails when it is asked for
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
