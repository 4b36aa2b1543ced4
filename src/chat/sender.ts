/**
 * The sending side of a numbered sequence: resent until acknowledged.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { WINDOW } from "./receiver.ts";
import { RoundTrip } from "./round_trip.ts";
import type { Acknowledgement } from "./wire.ts";

/** What a {@linkcode Sender} is made with. */
export interface SenderOptions {
  /** The largest payload in bytes. */
  readonly payload: number;
  /** The most records in one payload. */
  readonly records: number;
  /** The most records that wait for their turn. */
  readonly queue: number;
  readonly now: () => number;
  /** Sends one payload. */
  readonly transmit: (sequence: number, payload: Uint8Array) => void;
}

/** A record, and who wants to know that it arrived. */
interface Entry {
  readonly record: Uint8Array;
  readonly arrived: (() => void) | undefined;
}

/** A payload on its way. */
interface Flight {
  readonly payload: Uint8Array;
  readonly entries: readonly Entry[];
  sent: number;
  times: number;
}

/**
 * Packs records into numbered payloads, at most {@linkcode WINDOW} on their way. What waits while the window is closed
 * travels together when it opens. A payload that is not acknowledged is sent again, each time after twice the wait.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #waiting: Entry[] = [];
  readonly #flights = new Map<number, Flight>();
  readonly #roundTrip = new RoundTrip();
  #next = 1;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /**
   * Takes a record; false: the queue is full, and the record was not taken.
   *
   * @throws {EchopipeError} `too-large` if no payload could hold it
   */
  add(record: Uint8Array, arrived?: () => void): boolean {
    const { length } = record;
    const { payload } = this.#options;
    if (length > payload) {
      throw new EchopipeError("too-large", `Cannot send a record of ${length} bytes: the limit is ${payload} bytes`, {
        received: length,
        limit: payload,
      });
    }
    if (this.#waiting.length >= this.#options.queue) return false;
    this.#waiting.push({ record, arrived });
    return true;
  }

  /** Sends what the window allows. */
  flush(): void {
    const oldest = this.#oldest();
    while (this.#waiting.length > 0 && this.#next < oldest + WINDOW) {
      const entries = this.#pack();
      const payload = join(entries);
      const sequence = this.#next++;
      this.#flights.set(sequence, { payload, entries, sent: this.#options.now(), times: 1 });
      this.#options.transmit(sequence, payload);
    }
  }

  /** Takes what the peer has acknowledged. */
  acknowledged({ complete, early }: Acknowledgement): void {
    for (const [sequence, flight] of this.#flights) {
      const bit = sequence - complete - 1;
      if (bit >= 0 && (bit >= WINDOW || (early[bit >> 3] >> (bit & 7) & 1) === 0)) continue;
      this.#flights.delete(sequence);
      if (flight.times === 1) this.#roundTrip.measured(this.#options.now() - flight.sent);
      for (const { arrived } of flight.entries) arrived?.();
    }
  }

  /** Sends again what is overdue. */
  resend(): void {
    const now = this.#options.now();
    for (const [sequence, flight] of this.#flights) {
      if (this.#due(flight) > now) continue;
      flight.sent = now;
      flight.times++;
      this.#options.transmit(sequence, flight.payload);
    }
  }

  /** When something will be overdue, in milliseconds since 1970; undefined if nothing is on its way. */
  get due(): number | undefined {
    let first: number | undefined;
    for (const flight of this.#flights.values()) {
      const due = this.#due(flight);
      if (first === undefined || due < first) first = due;
    }
    return first;
  }

  /** Whether all has been acknowledged. */
  get idle(): boolean {
    return this.#flights.size === 0 && this.#waiting.length === 0;
  }

  #due(flight: Flight): number {
    return flight.sent + this.#roundTrip.patience(flight.times);
  }

  #oldest(): number {
    for (const sequence of this.#flights.keys()) return sequence; // insertion order: the lowest
    return this.#next;
  }

  #pack(): Entry[] {
    const { payload, records } = this.#options;
    let size = 0;
    let count = 0;
    while (count < this.#waiting.length && count < records) {
      size += this.#waiting[count].record.length;
      if (size > payload) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}

function join(entries: readonly Entry[]): Uint8Array {
  const payload = new Uint8Array(entries.reduce((size, { record }) => size + record.length, 0));
  let at = 0;
  for (const { record } of entries) {
    payload.set(record, at);
    at += record.length;
  }
  return payload;
}
