/**
 * Turns of reading between connections that send in bulk.
 *
 * @module
 */

/** The least size of a read that counts, in bytes: peers that send less in a turn never wait. */
export const LARGE_READ = 4096;
/** Limit of bytes that are read in one turn while several connections send, one or two milliseconds. */
const MAX_TURN = 2 * 1024 * 1024;

/** A connection that takes turns. */
export interface TurnTaker {
  /** Goes on reading. Must not throw. */
  takeTurn(): void;
}

/**
 * Limits what is read in one turn of the event loop.
 *
 * libuv reads up to 2 MiB from each socket before it looks at the next one, and accepts one connection in each turn.
 * Beside 50 peers that send without pause a turn would take 100 ms, and a new peer needs several. So once a turn has
 * read as much as one socket may, each further connection stops after its read and joins a queue, and each turn resumes
 * the first of it. Turns of less for several connections would cost up to half of the speed: what a peer sends while
 * its last bytes return is still in the cache.
 *
 * A connection that is alone never waits. The queue has at most one entry per connection.
 */
export class ReadTurns {
  /** Bytes of large reads since the last turn that was limited. */
  #read = 0;
  #reader: TurnTaker | undefined;
  #several = false;
  readonly #line: TurnTaker[] = [];
  #scheduled = false;

  /** Counts a large read. True: the connection has to stop, and takes its turn later. */
  isOver(taker: TurnTaker, bytes: number): boolean {
    if (taker !== this.#reader) {
      this.#several ||= this.#reader !== undefined;
      this.#reader = taker;
    }
    this.#read += bytes;
    if (this.#read < MAX_TURN) return false;
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#next);
    }
    if (!this.#several && this.#line.length === 0) return false;
    this.#line.push(taker);
    return true;
  }

  readonly #next = () => {
    this.#read = 0;
    this.#reader = undefined;
    this.#several = false;
    const taker = this.#line.shift();
    this.#scheduled = taker !== undefined;
    if (taker === undefined) return;
    setImmediate(this.#next);
    taker.takeTurn();
  };
}
