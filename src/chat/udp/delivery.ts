/**
 * Reliable delivery of a numbered sequence: the sender repeats until acknowledged, the receiver restores the order.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import type { Acknowledgement } from "./bodies.ts";

/** Options of {@linkcode Sender}. */
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

/** A record, and the callback for its arrival. */
interface Entry {
  readonly record: Uint8Array;
  readonly arrived: (() => void) | undefined;
}

/** A payload on its way. */
interface InFlight {
  readonly payload: Uint8Array;
  readonly entries: readonly Entry[];
  sent: number;
  times: number;
  /** The peer has it, but not all before it: it is not used yet, and would be lost with the session. */
  held: boolean;
}

/**
 * Packs records into numbered payloads, at most {@linkcode WINDOW} on their way. What waits while the window is closed
 * travels together when it opens. A payload that is not acknowledged is sent again, each time after twice the wait.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #waiting: Entry[] = [];
  readonly #inFlight = new Map<number, InFlight>();
  readonly #roundTrip = new RoundTripTime();
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
      this.#inFlight.set(sequence, { payload, entries, sent: this.#options.now(), times: 1, held: false });
      this.#options.transmit(sequence, payload);
    }
  }

  /** Takes what the peer has acknowledged. */
  acknowledged({ complete, early }: Acknowledgement): void {
    for (const [sequence, flight] of this.#inFlight) {
      const bit = sequence - complete - 1;
      if (bit >= 0 && (bit >= WINDOW || (early[bit >> 3] >> (bit & 7) & 1) === 0)) continue;
      if (flight.times === 1 && !flight.held) this.#roundTrip.measured(this.#options.now() - flight.sent);
      flight.held = true;
      if (bit >= 0) continue;
      this.#inFlight.delete(sequence);
      for (const { arrived } of flight.entries) arrived?.();
    }
  }

  /** Sends again what is overdue. */
  resend(): void {
    const now = this.#options.now();
    for (const [sequence, flight] of this.#inFlight) {
      if (flight.held || this.#due(flight) > now) continue;
      flight.sent = now;
      flight.times++;
      this.#options.transmit(sequence, flight.payload);
    }
  }

  /** When something will be overdue, in milliseconds since 1970; undefined if nothing is on its way. */
  get due(): number | undefined {
    let first: number | undefined;
    for (const flight of this.#inFlight.values()) {
      if (flight.held) continue;
      const due = this.#due(flight);
      if (first === undefined || due < first) first = due;
    }
    return first;
  }

  /** All has been acknowledged. */
  get idle(): boolean {
    return this.#inFlight.size === 0 && this.#waiting.length === 0;
  }

  #due(flight: InFlight): number {
    return flight.sent + this.#roundTrip.timeout(flight.times);
  }

  #oldest(): number {
    for (const sequence of this.#inFlight.keys()) return sequence; // insertion order: the lowest
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

/** Most numbers beyond the first missing one that are taken. */
export const WINDOW = 64;

/** Puts numbered payloads in order and drops what comes twice. Holds at most {@linkcode WINDOW} that came early. */
export class Receiver {
  /** All up to this number have come. */
  #complete = 0;
  readonly #early = new Map<number, Uint8Array>();

  /** Tells if the number is new and within the window. */
  accepts(sequence: number): boolean {
    return sequence > this.#complete && sequence <= this.#complete + WINDOW && !this.#early.has(sequence);
  }

  /** Takes a payload that {@linkcode Receiver.accepts} accepts; returns those whose turn it now is. */
  take(sequence: number, payload: Uint8Array): Uint8Array[] {
    this.#early.set(sequence, payload);
    const ready: Uint8Array[] = [];
    for (let next; (next = this.#early.get(this.#complete + 1)) !== undefined;) {
      this.#early.delete(++this.#complete);
      ready.push(next);
    }
    return ready;
  }

  /** The received part of the sequence. */
  get acknowledgement(): Acknowledgement {
    const early = new Uint8Array(WINDOW / 8);
    for (const sequence of this.#early.keys()) {
      const bit = sequence - this.#complete - 1;
      early[bit >> 3] |= 1 << (bit & 7);
    }
    return { complete: this.#complete, early };
  }
}

/** Before anything is measured, in milliseconds (RFC 6298, 2.1). */
const FIRST = 1000;
/** The shortest and longest time to wait, in milliseconds; RFC 6298 has 1 s and 60 s, which is long for a chat. */
const LEAST = 200;
const MOST = 2000;

/** The estimate of RFC 6298: smoothed round-trip time and its variation, in milliseconds. */
export class RoundTripTime {
  #smoothed: number | undefined;
  #variation = 0;

  /** Takes one measured round trip; never that of something sent twice (Karn's algorithm, RFC 6298, 3). */
  measured(ms: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = ms;
      this.#variation = ms / 2;
      return;
    }
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - ms);
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * ms;
  }

  /** The smoothed round-trip time; undefined before the first measurement. */
  get smoothed(): number | undefined {
    return this.#smoothed;
  }

  /** Time limit for the answer to a payload sent so many times, in milliseconds: doubled each time (5.5). */
  timeout(times: number): number {
    const once = this.#smoothed === undefined ? FIRST : this.#smoothed + 4 * this.#variation;
    return Math.min(Math.max(once, LEAST) * 2 ** Math.min(times - 1, 16), MOST);
  }
}
