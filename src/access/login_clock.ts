/**
 * The time a login may take.
 *
 * @module
 */

/** What happens as time passes. All times in milliseconds. */
export interface ClockEvents {
  /** The client has said nothing at all so far: the server speaks first. */
  speakFirst(): void;
  /** The client's time to log in is over. */
  timeOut(): void;
}

/**
 * The clock of one login. It runs while the server waits for the client, and stands still while the server is at work: a
 * queue for passwords costs the client nothing.
 */
export class AccessClock {
  readonly #events: ClockEvents;
  readonly #whole: number;
  #left: number;
  #since = 0;
  #speakTimer: ReturnType<typeof setTimeout> | undefined;
  #loginTimer: ReturnType<typeof setTimeout> | undefined;

  /** A clock that stands still; `left`: the time that the client has for each answer. */
  constructor(left: number, events: ClockEvents) {
    this.#whole = this.#left = left;
    this.#events = events;
  }

  /** The connection begins; the server speaks first after so long, or never. */
  start(speakAfter: number): void {
    if (speakAfter !== Infinity) this.#speakTimer = setTimeout(() => this.#events.speakFirst(), speakAfter);
    this.run();
  }

  /** Another question: it has the whole time to answer, for people type slowly. Whoever drips bytes gains nothing. */
  renew(): void {
    this.#left = this.#whole;
  }

  /** The server waits for the client. */
  run(): void {
    this.#since = performance.now();
    this.#loginTimer = setTimeout(() => this.#events.timeOut(), Math.max(0, this.#left));
  }

  /** The server is at work for the client, or done with it. */
  stop(): void {
    clearTimeout(this.#speakTimer);
    if (this.#loginTimer === undefined) return;
    clearTimeout(this.#loginTimer);
    this.#loginTimer = undefined;
    this.#left -= performance.now() - this.#since;
  }
}
