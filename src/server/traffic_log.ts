/**
 * The `data.*` records of connections, summed.
 *
 * @module
 */
import type { Connection } from "../transport/connection.ts";
import { formatAddress } from "../transport/socket.ts";
import { count, type ServiceLog } from "../service_log.ts";

/** Between two sums of one connection at least, in milliseconds. */
const INTERVAL_MS = 1000;
/** How often those that are due are looked for, in milliseconds. */
const LOOK_MS = 100;
/** So many connections are summed at a time; where more are busy they take turns, and their sums are of longer times. */
const SUMMED_MOST = 50;

/** Portions that passed a connection. */
export interface Portions {
  /** From the peer. */
  readonly received: number;
  /** To the peer. */
  readonly sent: number;
}

/**
 * Logs what passes through connections: the first of a connection at once, then at most one sum a second and direction.
 * On the path of the data it costs a look at a field; the sums are taken from the connection's own counts.
 */
export class TrafficLog {
  readonly #log: ServiceLog;
  readonly #tracked = new Set<Tracked>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Logs to `log`. */
  constructor(log: ServiceLog) {
    this.#log = log;
  }

  /** Follows a connection; call what it returns once, when the connection has ended: it logs what is left. */
  follow(id: number, connection: Connection, portions: Portions): () => void {
    const tracked = new Tracked(this.#log, id, connection, portions);
    this.#tracked.add(tracked);
    this.#timer ??= setInterval(() => this.#sum(), LOOK_MS);
    return () => {
      tracked.sum();
      this.#tracked.delete(tracked);
      if (this.#tracked.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    };
  }

  #sum(): void {
    const turn: Tracked[] = [];
    const due = performance.now() - INTERVAL_MS;
    for (const tracked of this.#tracked) {
      if (tracked.summed <= due && tracked.moved && turn.push(tracked) === SUMMED_MOST) break;
    }
    for (const tracked of turn) {
      tracked.sum();
      this.#tracked.delete(tracked);
      this.#tracked.add(tracked); // behind those whose turn is next
    }
  }
}

class Tracked {
  readonly #log: ServiceLog;
  readonly #id: number;
  readonly #connection: Connection;
  readonly #portions: Portions;
  /** When it was summed last, as `performance.now` tells the time. */
  summed = -Infinity;
  #received = 0;
  #sent = 0;
  #portionsReceived = 0;
  #portionsSent = 0;

  constructor(log: ServiceLog, id: number, connection: Connection, portions: Portions) {
    this.#log = log;
    this.#id = id;
    this.#connection = connection;
    this.#portions = portions;
    // Only until both directions had their first record: then nothing is called any more.
    connection.watch = () => this.#first();
  }

  /** Whether something passed since the last record. */
  get moved(): boolean {
    const { received, sent } = this.#connection.traffic;
    return received > this.#received || sent > this.#sent;
  }

  /** Logs what passed since the last record. */
  sum(): void {
    this.summed = performance.now();
    const { received, sent } = this.#connection.traffic;
    if (received > this.#received) {
      const portions = this.#portions.received - this.#portionsReceived;
      this.#record("data.received", "Received", "from", received - this.#received, portions);
      this.#received = received;
      this.#portionsReceived = this.#portions.received;
    }
    if (sent > this.#sent) {
      const portions = this.#portions.sent - this.#portionsSent;
      this.#record("data.sent", "Sent", "to", sent - this.#sent, portions);
      this.#sent = sent;
      this.#portionsSent = this.#portions.sent;
    }
  }

  #first(): void {
    const { received, sent } = this.#connection.traffic;
    if (received > 0 && this.#received === 0 && sent === 0) setTimeout(() => this.sum(), 0); // once the stages had it
    if (sent === 0) return;
    this.sum();
    this.#connection.watch = undefined;
  }

  #record(event: string, verb: string, preposition: string, bytes: number, portions: number): void {
    const peer = formatAddress(this.#connection.remote);
    this.#log.record(
      "info",
      event,
      `${verb} ${count(bytes, "byte")} in ${
        count(portions, "portion")
      } ${preposition} ${peer} (connection ${this.#id})`,
      { connection: this.#id, peer, bytes, portions },
    );
  }
}
