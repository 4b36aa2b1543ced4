/**
 * Whose turn it is to read, where more peers are busy than the event loop serves alike.
 *
 * @module
 */

/** So many reads done in one turn of the event loop: it takes on no more, and others may have been left out. */
const CROWD = 100;
/** So many of those who wait begin at once: with the writes they lead to, less than the loop takes on. */
const MAX_BEGIN = 60;
/** So often they begin before the loop asks the system again who else is ready. */
const MAX_GROUPS = 8;
/** So many steps of the loop are a turn at least: it asks the system for news after 61, and may have been just before. */
const STEPS = 122;
/** Where the line is cut off behind those who have begun. */
const CUT = 1024;

const settled = Promise.resolve();

/**
 * First come, first served, among reads.
 *
 * Deno's event loop is Tokio's, which completes 128 operations in a turn (its
 * [cooperative budget](https://docs.rs/tokio/latest/tokio/task/coop/index.html)), those first that became ready last, and
 * asks the system for news every 61 steps. Where 128 peers are busy they take every turn, and others wait for seconds. So
 * once a turn was full, who was served goes to the end of a line to be served again, behind those who were left out: the
 * line moves when the loop has had time for a turn and none was full. Nobody waits while turns are not full. As many wait
 * as there are connections: each has one read.
 */
export class ReadScheduler {
  /** Reads done since the last count. */
  #done = 0;
  /** The first `#begun` of them have begun. */
  #line: (() => void)[] = [];
  #begun = 0;
  /** The next ones begin in the loop's next step. */
  #beginning = false;
  /** How often some began since the loop asked the system. */
  #groups = 0;
  /** Steps to let go by before the next begin. */
  #pause = 0;
  /** A timer sees to it that the line moves; whether it did meanwhile. */
  #watched = false;
  #moved = false;

  /** Whether who wants to read has to wait. */
  get crowded(): boolean {
    return this.#beginning || this.#line.length > 0;
  }

  /** Calls `begin`, which must not throw, when it is its turn. */
  wait(begin: () => void): void {
    this.#line.push(begin);
    if (!this.#beginning && !this.#watched) this.#watch();
  }

  /** A read is done. */
  done(): void {
    if (this.#done++ === 0) settled.then(this.#count);
  }

  /** Runs behind the reads that were done together, and before any of those who were served reads again. */
  readonly #count = () => {
    const crowd = this.#done >= CROWD;
    this.#done = 0;
    this.#moved = true;
    if (crowd) this.#pause = STEPS; // those who were left out come first
    if ((!crowd && this.#line.length === 0) || this.#beginning) return;
    this.#beginning = true;
    setImmediate(this.#step);
  };

  readonly #step = () => {
    if (this.#pause > 0) {
      this.#pause--;
      return void setImmediate(this.#step);
    }
    if (++this.#groups === MAX_GROUPS) {
      this.#groups = 0;
      this.#pause = STEPS;
    }
    this.#beginning = false;
    this.#begin(MAX_BEGIN);
    if (this.#line.length > 0 && !this.#watched) this.#watch();
  };

  #begin(most: number): void {
    const to = Math.min(this.#line.length, this.#begun + most);
    while (this.#begun < to) this.#line[this.#begun++]();
    if (this.#begun < this.#line.length && this.#begun < CUT) return;
    this.#line = this.#line.slice(this.#begun);
    this.#begun = 0;
  }

  /** It is reads that move the line. Where none is done for a moment, all begin. */
  #watch(): void {
    this.#watched = true;
    this.#moved = false;
    setTimeout(() => {
      this.#watched = false;
      if (!this.#moved) this.#begin(Infinity);
      if (this.#line.length > 0) this.#watch();
    }, 0);
  }
}
