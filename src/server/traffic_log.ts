/**
 * The `data.*` records of connections, summed.
 *
 * @module
 */
import { count, type ServiceLog } from "../service_log.ts";
import type { Connection } from "../transport/connection.ts";

/** Least time between two sums of one connection and direction, in milliseconds. */
const INTERVAL_MS = 1000;
/** Time between two looks at all connections, in milliseconds. */
const SWEEP_MS = 100;
/** Most connections that are summed at a look; where more are busy they take turns, and their sums are of longer times. */
const MAX_SUMMED = 50;

/** Numbers of chunks that passed a connection. */
export interface ChunkCounts {
  /** Those from the peer. */
  readonly decoder: { readonly chunks: number };
  /** Those to the peer. */
  readonly encoder: { readonly chunks: number };
}

/** A connection whose traffic is logged. */
export interface Followed {
  /** The number of the connection, from 1. */
  readonly id: number;
  /** `ADDRESS:PORT` of the peer. */
  readonly peer: string;
  readonly connection: Connection;
  readonly chunks: ChunkCounts;
  /** Takes its records. Default: the log of all. */
  readonly log?: ServiceLog;
}

/**
 * Logs the traffic of connections: the first of a connection at once, then at most one sum a second and direction. The
 * sums are taken from the connections' own counters by a look at all of them: the path of the data is not touched, but for
 * a call for each read until the first is sent.
 */
export class TrafficLog {
  readonly #log: ServiceLog;
  /** Those that were summed longest ago come first. */
  readonly #followed = new Set<Tracked>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Logs to `log`. */
  constructor(log: ServiceLog) {
    this.#log = log;
  }

  /** Follows a connection; call the result when the connection has ended: it logs what is left, once. */
  follow(followed: Followed): () => void {
    const tracked = new Tracked(followed.log ?? this.#log, followed);
    this.#followed.add(tracked);
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS);
    return () => {
      if (!this.#followed.delete(tracked)) return;
      tracked.end();
      if (this.#followed.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #sweep(): void {
    const due = performance.now() - INTERVAL_MS;
    let summed = 0;
    for (const tracked of this.#followed) {
      if (!tracked.sum(due)) continue;
      this.#followed.delete(tracked);
      this.#followed.add(tracked);
      if (++summed === MAX_SUMMED) break;
    }
  }
}

/** One connection, and how much of its traffic is logged. */
class Tracked {
  readonly #log: ServiceLog;
  readonly #followed: Followed;
  readonly #received: Logged = { bytes: 0, chunks: 0, at: -Infinity };
  readonly #sent: Logged = { bytes: 0, chunks: 0, at: -Infinity };

  constructor(log: ServiceLog, followed: Followed) {
    this.#log = log;
    this.#followed = followed;
    followed.connection.watch = () => this.#passed();
  }

  /** Logs the traffic of each direction that was last logged at `due` or before; false: there was none. */
  sum(due: number): boolean {
    const { connection: { traffic }, chunks: { decoder, encoder } } = this.#followed;
    const received = traffic.received > this.#received.bytes && this.#received.at <= due;
    const sent = traffic.sent > this.#sent.bytes && this.#sent.at <= due;
    if (received) this.#record("data.received", "Received", "from", this.#received, traffic.received, decoder.chunks);
    if (sent) this.#record("data.sent", "Sent", "to", this.#sent, traffic.sent, encoder.chunks);
    return received || sent;
  }

  /** Logs what is left. */
  end(): void {
    this.#followed.connection.watch = undefined;
    this.sum(Infinity);
  }

  /** Called for each read and write until the first is sent: that is logged now, and what was received before it. */
  #passed(): void {
    const { connection } = this.#followed;
    if (connection.traffic.sent === 0) return; // received, and not decoded yet: the next look logs it
    connection.watch = undefined;
    this.sum(performance.now() - INTERVAL_MS);
  }

  #record(event: string, verb: string, preposition: string, logged: Logged, bytes: number, chunks: number): void {
    const { id, peer } = this.#followed;
    const [newBytes, newChunks] = [bytes - logged.bytes, chunks - logged.chunks];
    const amount = `${count(newBytes, "byte")} in ${count(newChunks, "chunk")}`;
    this.#log.record("info", event, `${verb} ${amount} ${preposition} ${peer} (connection ${id})`, {
      connection: id,
      peer,
      bytes: newBytes,
      chunks: newChunks,
    });
    Object.assign(logged, { bytes, chunks, at: performance.now() });
  }
}

/** The part of one direction that is logged, and when it last was, as `performance.now` gives it. */
interface Logged {
  bytes: number;
  chunks: number;
  at: number;
}
