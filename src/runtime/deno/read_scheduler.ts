/**
 * Fair scheduling of reads when more peers are busy than the event loop serves fairly by itself.
 *
 * @module
 */

/** Completed reads in one turn of the event loop that count as a full turn: others may have been left out. */
const CROWD = 100;
/** Queued reads that begin together: with the writes that follow, fewer than the loop completes in one turn. */
const MAX_BEGIN = 60;
/** Groups of reads that begin before the loop polls the system again. */
const MAX_GROUPS = 8;
/** Steps of the loop that contain at least one turn: it polls the system every 61 steps. */
const STEPS = 122;
/** Number of reads that have begun after which they are removed from the queue. */
const CUT = 1024;

const settled = Promise.resolve();

/** The event loop, as the scheduler uses it. */
export interface Loop {
  /** Calls back in the next step of the loop. */
  step(callback: () => void): void;
  /** Calls back after about a millisecond, though nothing else happens. */
  later(callback: () => void): void;
}

const eventLoop: Loop = { step: setImmediate, later: (callback) => setTimeout(callback, 0) };

/**
 * Schedules reads first come, first served.
 *
 * Deno's event loop is Tokio's. It completes 128 operations per turn, the most recently ready first, and polls the
 * system every 61 steps (see its [cooperative budget](https://docs.rs/tokio/latest/tokio/task/coop/index.html)). Where
 * 128 peers are busy, these take every turn, and others wait for seconds.
 *
 * So after a full turn, further reads join a queue, behind the peers that were left out. The queue advances when the
 * loop has had time for a turn that was not full. While no turn is full, no read waits. The queue has at most one entry
 * per connection, since each has one read at a time.
 */
export class ReadScheduler {
  readonly #loop: Loop;
  /** Completed reads since the last count. */
  #done = 0;
  /** Queued reads, of which the first `#begun` have begun. */
  #line: (() => void)[] = [];
  #begun = 0;
  /** A step of the loop is scheduled that begins the next reads. */
  #beginning = false;
  /** Groups that began since the loop had time to poll the system. */
  #groups = 0;
  /** Steps to skip before the next group begins. */
  #pause = 0;
  /** A timer ensures that the queue advances; `#moved`: it has advanced meanwhile. */
  #watched = false;
  #moved = false;

  /** Schedules on the loop of this thread, or on one that a test drives. */
  constructor(loop: Loop = eventLoop) {
    this.#loop = loop;
  }

  /** True while a new read has to wait in the queue. */
  get crowded(): boolean {
    return this.#beginning || this.#line.length > 0;
  }

  /** Queues a read: calls `begin`, which must not throw, at its turn. */
  wait(begin: () => void): void {
    this.#line.push(begin);
    if (!this.#beginning && !this.#watched) this.#watch();
  }

  /** Reports a completed read. */
  done(): void {
    if (this.#done++ === 0) settled.then(this.#count);
  }

  /** Counts the reads that completed together. Runs after them, and before any of their connections reads again. */
  readonly #count = () => {
    const crowd = this.#done >= CROWD;
    this.#done = 0;
    this.#moved = true;
    if (crowd) this.#pause = STEPS; // the peers that were left out come first
    if ((!crowd && this.#line.length === 0) || this.#beginning) return;
    this.#beginning = true;
    this.#loop.step(this.#step);
  };

  readonly #step = () => {
    if (this.#pause > 0) {
      this.#pause--;
      return void this.#loop.step(this.#step);
    }
    if (++this.#groups === MAX_GROUPS) {
      this.#groups = 0;
      this.#pause = STEPS;
    }
    this.#beginning = false;
    this.#begin(MAX_BEGIN);
    if (this.#line.length > 0 && !this.#watched) this.#watch();
  };

  #begin(max: number): void {
    const to = Math.min(this.#line.length, this.#begun + max);
    while (this.#begun < to) this.#line[this.#begun++]();
    if (this.#begun < this.#line.length && this.#begun < CUT) return;
    this.#line = this.#line.slice(this.#begun);
    this.#begun = 0;
  }

  /** Begins all queued reads where no completed read has advanced the queue for a moment. */
  #watch(): void {
    this.#watched = true;
    this.#moved = false;
    this.#loop.later(() => {
      this.#watched = false;
      if (!this.#moved) this.#begin(Infinity);
      if (this.#line.length > 0) this.#watch();
    });
  }
}
