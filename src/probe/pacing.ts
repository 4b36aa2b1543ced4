/**
 * The messages of a peer: how many may be sent, and when each was due.
 *
 * @module
 */

/**
 * Counters of one peer's messages. They are numbered from 0; each has a time in a ring as large as the window, so the
 * memory of a peer does not grow, however long the server stalls: messages that are due and do not fit into the window are
 * only a number.
 */
export class Pacing {
  /** Number of messages that were sent. */
  sent = 0;
  /** Number of messages that were answered. */
  answered = 0;
  /** When the first message was sent; NaN: none was. */
  firstSent = NaN;
  readonly #window: number;
  readonly #step: number;
  readonly #times: Float64Array;
  #allowed = 0;
  /** When the first message was due; NaN: messages are due when they are sent. */
  #base = NaN;

  /** `window`: the most messages in flight; `step`: milliseconds between those that are due at times. */
  constructor(window: number, step: number) {
    this.#window = window;
    this.#step = step;
    this.#times = new Float64Array(window);
  }

  /** Allows one more message; the first call sets when all are due: without a time, when each is sent. */
  allow(due: number = NaN): void {
    if (this.#allowed++ === 0) this.#base = due;
  }

  /** Allows all messages, each due when it is sent. */
  allowAll(): void {
    this.#allowed = Infinity;
  }

  /** Allows nothing more than was allowed, or, after {@linkcode Pacing.allowAll}, than was sent. */
  stop(): void {
    if (this.#allowed === Infinity) this.#allowed = this.sent;
  }

  /** The number of messages that may be sent now. */
  get ready(): number {
    return Math.min(this.#allowed, this.answered + this.#window) - this.sent;
  }

  /** Number of messages that were allowed and are not answered. */
  get unanswered(): number {
    return (this.#allowed === Infinity ? this.sent : this.#allowed) - this.answered;
  }

  /** Notes that so many messages are sent at that time. */
  send(count: number, now: number): void {
    if (this.sent === 0) this.firstSent = now;
    for (const end = this.sent + count; this.sent < end; this.sent++) {
      const due = Number.isNaN(this.#base) ? now : this.#base + this.sent * this.#step;
      this.#times[this.sent % this.#window] = due;
    }
  }

  /** When the message that is answered next was due. */
  get due(): number {
    return this.#times[this.answered % this.#window];
  }
}
