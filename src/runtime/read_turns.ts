/**
 * Turns of reading between connections that send in bulk.
 *
 * @module
 */

/** The least size of a read that counts, in bytes: a connection never waits for its turn after a smaller one. */
const MIN_COUNTED = 8 * 1024;
/** Limit of bytes that are read in one turn: one or two milliseconds. */
const MAX_TURN = 2 * 1024 * 1024;

/**
 * Limits what is read in one turn of the event loop, so that it serves other peers and accepts new ones in time.
 *
 * Once large reads have come to 2 MiB, each connection waits after its read, and the turns that follow let one after the
 * other go on. Smaller turns would cost speed, up to half of it at 256 KiB: what a peer sends while its last bytes
 * return is still in the processor's cache.
 *
 * The queue has at most one entry per connection.
 */
export class ReadTurns {
  readonly #steps: number;
  /** Steps until the next turn. */
  #left = 0;
  /** Bytes of large reads in this turn. */
  #read = 0;
  readonly #line: (() => void)[] = [];

  /** `steps`: number of steps of the event loop, as `setImmediate` makes them, from one turn to the next. */
  constructor(steps: number) {
    this.#steps = steps;
  }

  /** Counts a read. True: the connection has to wait before its next one. */
  isOver(bytes: number): boolean {
    if (bytes < MIN_COUNTED) return false;
    this.#read += bytes;
    return this.#read >= MAX_TURN;
  }

  /** Queues a connection: calls `goOn`, which must not throw, at its turn. */
  wait(goOn: () => void): void {
    if (this.#line.push(goOn) > 1) return;
    this.#left = this.#steps;
    setImmediate(this.#step);
  }

  readonly #step = () => {
    if (--this.#left > 0) return void setImmediate(this.#step);
    this.#read = 0;
    const goOn = this.#line.shift()!;
    if (this.#line.length > 0) {
      this.#left = this.#steps;
      setImmediate(this.#step);
    }
    goOn();
  };
}
