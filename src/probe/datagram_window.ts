/**
 * The datagrams of a peer: which were sent, came back, came twice, came late or not at all.
 *
 * @module
 */

/** Datagrams are remembered at least so long that this many others were sent after them. */
const MIN_REMEMBERED = 1024;

/** What became of a datagram. */
const state = { pending: 1, answered: 2, lost: 3 } as const;

/** The meaning of a datagram that came back: `old` is one that was lost, or is no longer remembered. */
export type Arrival = "answered" | "duplicated" | "old" | "stray";

/**
 * Counters of one peer's datagrams, numbered from 0, and a ring of what became of the last ones. Its size is fixed: no
 * datagram is sent while the place of one that is still pending would be needed.
 */
export class DatagramWindow {
  /** Number of datagrams that were sent. */
  sent = 0;
  /** When the first was sent; NaN: none was. */
  firstSent = NaN;
  readonly #window: number;
  readonly #step: number;
  readonly #size: number;
  readonly #due: Float64Array;
  readonly #sentAt: Float64Array;
  readonly #states: Uint8Array;
  #allowed = 0;
  #base = NaN;
  #pending = 0;
  /** Number of datagrams that were answered or lost. */
  #settled = 0;
  /** The oldest that may still be pending. */
  #oldest = 0;
  /** The number that the next datagram has where none is out of order: NextExp of RFC 4737, 3.3. */
  #expected = 0;

  /** `window`: the most datagrams in flight; `step`: milliseconds between those that are due at times. */
  constructor(window: number, step: number) {
    this.#window = window;
    this.#step = step;
    this.#size = Math.max(MIN_REMEMBERED, 4 * window);
    this.#due = new Float64Array(this.#size);
    this.#sentAt = new Float64Array(this.#size);
    this.#states = new Uint8Array(this.#size);
  }

  /** Allows one more datagram; the first call sets when all are due: without a time, when each is sent. */
  allow(due: number = NaN): void {
    if (this.#allowed++ === 0) this.#base = due;
  }

  /** Allows all datagrams, each due when it is sent. */
  allowAll(): void {
    this.#allowed = Infinity;
  }

  /** Allows nothing more than was allowed, or, after {@linkcode DatagramWindow.allowAll}, than was sent. */
  stop(): void {
    if (this.#allowed === Infinity) this.#allowed = this.sent;
  }

  /** The number of datagrams that may be sent now. */
  get ready(): number {
    const room = this.#size - (this.sent - this.#oldest);
    return Math.min(this.#allowed - this.sent, this.#window - this.#pending, room);
  }

  /** Number of datagrams that were allowed, and are neither answered nor lost. */
  get unanswered(): number {
    return (this.#allowed === Infinity ? this.sent : this.#allowed) - this.#settled;
  }

  /** Notes that the next datagram is sent at that time, and returns its number. */
  send(now: number): number {
    if (this.sent === 0) this.firstSent = now;
    const place = this.sent % this.#size;
    this.#due[place] = Number.isNaN(this.#base) ? now : this.#base + this.sent * this.#step;
    this.#sentAt[place] = now;
    this.#states[place] = state.pending;
    this.#pending++;
    return this.sent++;
  }

  /** When a datagram that is remembered was due. */
  dueOf(message: number): number {
    return this.#due[message % this.#size];
  }

  /** Notes that a datagram came back. */
  arrive(message: number): Arrival {
    if (message >= this.sent) return "stray";
    const place = message % this.#size;
    if (message < this.sent - this.#size || this.#states[place] === state.lost) return "old";
    if (this.#states[place] === state.answered) return "duplicated";
    this.#settle(message, state.answered);
    return "answered";
  }

  /** True where a datagram, which has just arrived for the first time, was sent before one that has arrived earlier. */
  isReordered(message: number): boolean {
    if (message < this.#expected) return true;
    this.#expected = message + 1;
    return false;
  }

  /** Gives up all datagrams that were sent before that time, and returns the numbers of those that were pending. */
  expire(before: number): number[] {
    const lost: number[] = [];
    for (; this.#oldest < this.sent; this.#oldest++) {
      const place = this.#oldest % this.#size;
      if (this.#states[place] !== state.pending) continue;
      if (this.#sentAt[place] >= before) break;
      this.#settle(this.#oldest, state.lost);
      lost.push(this.#oldest);
    }
    return lost;
  }

  #settle(message: number, become: 2 | 3): void {
    this.#states[message % this.#size] = become;
    this.#pending--;
    this.#settled++;
  }
}
