/**
 * Detection of a server that is gone.
 *
 * @module
 */
import { type Environment, spread } from "../environment.ts";
import type { Channel } from "./channel.ts";

/** Average time between two pings, in milliseconds. */
export const HEARTBEAT_MS = 20_000;
/** So many pings in a row without an answer mean that the server is gone. */
const MAX_MISSED = 3;
/** While something waits for its acknowledgement, silence means so after this long, in milliseconds. */
const MAX_SILENT_MS = 15_000;
/** Interval of the checks, in milliseconds. */
const CHECK_MS = 1000;

/** Pings regularly, and reports when nothing comes back. */
export class Keepalive {
  readonly #channel: Channel;
  readonly #environment: Environment;
  readonly #onSilent: () => void;
  #missed = 0;
  #pinged: number;
  #next: number;
  /** Since when something has been waiting for its acknowledgement. */
  #waitingSince: number | undefined;
  #cancelTimer: () => void;

  constructor(channel: Channel, environment: Environment, onSilent: () => void) {
    this.#channel = channel;
    this.#environment = environment;
    this.#onSilent = onSilent;
    const now = environment.clock.now();
    this.#pinged = now;
    this.#next = now + spread(HEARTBEAT_MS, environment);
    this.#cancelTimer = environment.clock.timer(CHECK_MS, () => this.#check());
  }

  /** Something was sent that is to be acknowledged. */
  sent(): void {
    this.#waitingSince ??= this.#environment.clock.now();
  }

  /** Stops. */
  end(): void {
    this.#cancelTimer();
  }

  #check(): void {
    const { clock } = this.#environment;
    const now = clock.now();
    const { heard, idle } = this.#channel;
    if (idle) this.#waitingSince = undefined;
    else this.sent();
    if (heard >= this.#pinged) this.#missed = 0;
    const waiting = this.#waitingSince === undefined ? 0 : now - Math.max(this.#waitingSince, heard);
    if (waiting >= MAX_SILENT_MS) return this.#onSilent();
    if (now >= this.#next) {
      if (this.#missed >= MAX_MISSED) return this.#onSilent();
      this.#channel.ping();
      this.#missed++;
      this.#pinged = now;
      this.#next = now + spread(HEARTBEAT_MS, this.#environment);
    }
    this.#cancelTimer = clock.timer(CHECK_MS, () => this.#check());
  }
}
