/**
 * The `data.*` records of connections, summed.
 *
 * @module
 */
import type { Connection } from "../transport/connection.ts";
import { count, type ServiceLog } from "../service_log.ts";

/** Between two sums of one connection and direction at least, in milliseconds. */
const INTERVAL_MS = 1000;
/** How often those that are due are looked for, in milliseconds. */
const LOOK_MS = 100;
/** So many connections are summed at a time; where more are busy they take turns, and their sums are of longer times. */
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
}

/**
 * Logs what passes through connections: the first of a connection at once, then at most one sum a second and direction.
 * The sums are taken from the connection's own counts: on the path of the data it costs a look at a field, and a call for
 * each sum; until the first is sent, for each read. A connection that says nothing costs nothing.
 */
export class TrafficLog {
  readonly #log: ServiceLog;
  /** Something passed that is not summed yet; who has waited longest is first. */
  readonly #moved = new Set<Tracked>();
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Those of which the first was received just now: they are told of once their stages had it. */
  #fresh: Tracked[] = [];
  #freshTimer: ReturnType<typeof setTimeout> | undefined;

  /** Logs to `log`. */
  constructor(log: ServiceLog) {
    this.#log = log;
  }

  /** Follows a connection; call what it returns when the connection has ended: it logs what is left, once. */
  follow(followed: Followed): () => void {
    const { connection } = followed;
    const tracked = new Tracked(this.#log, followed, () => this.#passed(tracked));
    let over = false;
    return () => {
      if (over) return;
      over = true;
      connection.watch = undefined;
      this.#moved.delete(tracked);
      tracked.sum(Infinity);
      this.#rest();
    };
  }

  #passed(tracked: Tracked): void {
    if (tracked.sendsFirst) {
      tracked.sum(performance.now() - INTERVAL_MS);
      if (!tracked.moved) this.#moved.delete(tracked);
      return;
    }
    if (tracked.receivesFirst && !this.#moved.has(tracked)) {
      this.#fresh.push(tracked);
      this.#freshTimer ??= setTimeout(() => this.#tellFresh(), 0);
    }
    tracked.unwatch();
    this.#moved.add(tracked);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
  }

  #tellFresh(): void {
    this.#freshTimer = undefined;
    for (const tracked of this.#fresh.splice(0)) {
      if (tracked.receivesFirst && tracked.sum(-Infinity) && !tracked.moved) this.#moved.delete(tracked);
    }
    this.#rest();
  }

  #look(): void {
    const due = performance.now() - INTERVAL_MS;
    let turns = 0;
    for (const tracked of this.#moved) {
      if (!tracked.sum(due)) continue;
      this.#moved.delete(tracked);
      if (tracked.moved) this.#moved.add(tracked); // behind those whose turn is next
      else tracked.watch();
      if (++turns === MAX_SUMMED) break;
    }
    this.#rest();
  }

  /** Looks no more while there is nothing to find. */
  #rest(): void {
    if (this.#moved.size > 0) return;
    clearInterval(this.#timer);
    clearTimeout(this.#freshTimer);
    this.#timer = this.#freshTimer = undefined;
    this.#fresh = [];
  }
}

/** How much of a connection's traffic was logged, and when last, as `performance.now` tells the time. */
class Tracked {
  readonly #log: ServiceLog;
  readonly #followed: Followed;
  readonly #passed: () => void;
  #received = 0;
  #receivedChunks = 0;
  #receivedAt = -Infinity;
  #sent = 0;
  #sentChunks = 0;
  #sentAt = -Infinity;

  constructor(log: ServiceLog, followed: Followed, passed: () => void) {
    this.#log = log;
    this.#followed = followed;
    this.#passed = passed;
    this.watch();
  }

  /** Has `passed` called when something passes. */
  watch(): void {
    this.#followed.connection.watch = this.#passed;
  }

  /** Has it not called any more, unless the first of what is sent is still to come. */
  unwatch(): void {
    if (this.#sent > 0) this.#followed.connection.watch = undefined;
  }

  /** Whether something was received, and nothing is logged of this connection yet. */
  get receivesFirst(): boolean {
    return this.#receivedAt === -Infinity && this.#followed.connection.traffic.received > 0;
  }

  /** Whether something was sent, and never before. */
  get sendsFirst(): boolean {
    return this.#sent === 0 && this.#followed.connection.traffic.sent > 0;
  }

  /** Whether something passed since it was logged. */
  get moved(): boolean {
    const { received, sent } = this.#followed.connection.traffic;
    return received > this.#received || sent > this.#sent;
  }

  /** Logs what passed in a direction that was last logged at that time or before. Whether there was such a thing. */
  sum(due: number): boolean {
    const { connection: { traffic: { received, sent } }, chunks: { decoder, encoder } } = this.#followed;
    const takes = received > this.#received && this.#receivedAt <= due;
    const gives = sent > this.#sent && this.#sentAt <= due;
    if (takes) {
      this.#record(
        "data.received",
        "Received",
        "from",
        received - this.#received,
        decoder.chunks - this.#receivedChunks,
      );
      this.#received = received;
      this.#receivedChunks = decoder.chunks;
      this.#receivedAt = performance.now();
    }
    if (gives) {
      this.#record("data.sent", "Sent", "to", sent - this.#sent, encoder.chunks - this.#sentChunks);
      this.#sent = sent;
      this.#sentChunks = encoder.chunks;
      this.#sentAt = performance.now();
    }
    return takes || gives;
  }

  #record(event: string, verb: string, preposition: string, bytes: number, chunks: number): void {
    const { id, peer } = this.#followed;
    this.#log.record(
      "info",
      event,
      `${verb} ${count(bytes, "byte")} in ${count(chunks, "chunk")} ${preposition} ${peer} (connection ${id})`,
      { connection: id, peer, bytes, chunks },
    );
  }
}
