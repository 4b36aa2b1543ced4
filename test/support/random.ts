/** Random numbers from a seed: the same on every run and runtime. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed >>> 0) || 1;
  }

  /** A whole number from 0 to `below - 1`: Marsaglia's xorshift, 32 bits. */
  int(below: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state % below;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)];
  }

  /** A whole number from 1 to `most`, small ones as likely as large ones (uniform in its number of bits). */
  size(most: number): number {
    return Math.min(most, Math.max(1, this.int(2 ** (1 + this.int(Math.ceil(Math.log2(most)))))));
  }

  /** So many bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.int(256));
  }
}
