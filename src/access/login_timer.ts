/**
 * The time a login may take.
 *
 * @module
 */

/** Calls at the ends of the times that {@linkcode LoginTimer} keeps. */
export interface TimerEvents {
  /** The client has sent nothing so far: the server speaks first. */
  speakFirst(): void;
  /** The client has not answered in time. */
  timeout(): void;
}

/**
 * The timeout of one login. It is paused while the server is at work: a queue for passwords costs the client nothing. All
 * times are in milliseconds.
 */
export class LoginTimer {
  readonly #events: TimerEvents;
  readonly #timeout: number;
  #remaining: number;
  #resumedAt = 0;
  #speakTimer: ReturnType<typeof setTimeout> | undefined;
  #loginTimer: ReturnType<typeof setTimeout> | undefined;

  /** A paused timer; `timeout`: for each answer. */
  constructor(timeout: number, events: TimerEvents) {
    this.#timeout = this.#remaining = timeout;
    this.#events = events;
  }

  /** The connection begins; the server speaks first after `speakAfter`, or never where that is infinite. */
  start(speakAfter: number): void {
    if (speakAfter !== Infinity) this.#speakTimer = setTimeout(() => this.#events.speakFirst(), speakAfter);
    this.resume();
  }

  /** The next question: the client has the whole time again, for people type slowly. Single bytes gain no time. */
  reset(): void {
    this.#remaining = this.#timeout;
  }

  /** The server waits for the client. */
  resume(): void {
    this.#resumedAt = performance.now();
    this.#loginTimer = setTimeout(() => this.#events.timeout(), Math.max(0, this.#remaining));
  }

  /** The server is at work for the client, or done with it. */
  pause(): void {
    clearTimeout(this.#speakTimer);
    if (this.#loginTimer === undefined) return;
    clearTimeout(this.#loginTimer);
    this.#loginTimer = undefined;
    this.#remaining -= performance.now() - this.#resumedAt;
  }
}
