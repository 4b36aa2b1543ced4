/**
 * Options and results of {@linkcode load}.
 *
 * @module
 */
import type { Latencies } from "./latencies.ts";
import type { ProbeTarget } from "./open_peer.ts";
import type { Sizes } from "./script.ts";

/** Options of {@linkcode load}. */
export interface LoadOptions extends ProbeTarget {
  /** Number of connections. */
  readonly peers: number;
  /**
   * Messages a second of all peers together, sent at their times, answered or not (an open loop). Without it each peer
   * sends when an answer has come (a closed loop).
   */
  readonly rate?: number;
  /** The most messages of a peer in flight. Messages that are due and must wait are timed from when they were due. */
  readonly inFlight: number;
  /** Sizes of the messages, without header or terminator. */
  readonly sizes: Sizes;
  /** Time to measure, in milliseconds. */
  readonly durationMs: number;
  /** Time that is left out before, in milliseconds. */
  readonly omitMs: number;
  /** The peers connect one after another in this time, in milliseconds. Then `omitMs` begins. */
  readonly rampMs: number;
  /** Length of an interval, in milliseconds. */
  readonly intervalMs: number;
  /** True: the server answers nothing. A message counts when the system has accepted it. */
  readonly oneWay: boolean;
  /** Ends the load: the result is what was measured so far. */
  readonly signal?: AbortSignal;
  /** Called at the end of each interval, also of those that are left out. */
  readonly onInterval?: (interval: Interval) => void;
}

/** What was answered in an interval. Times of messages in microseconds, null where none was answered. */
export interface Interval {
  /** Start and end, in seconds since the measure began; negative where the interval is left out. */
  readonly from: number;
  readonly to: number;
  /** False: the interval is left out of the result. */
  readonly measured: boolean;
  readonly messages: number;
  /** Bytes as they travelled, one way. */
  readonly bytes: number;
  readonly mismatched: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** The result of {@linkcode load}. */
export interface LoadResult {
  /** Seconds that were measured: up to the last answer that counts. */
  readonly seconds: number;
  /** Number of messages that were due in that time and were answered. */
  readonly messages: number;
  /** Their bytes as they travelled, one way. */
  readonly bytes: number;
  /** Number of messages that came back with a wrong byte, at any time. */
  readonly mismatched: number;
  /** Number of connections that failed, and of messages that were due and not answered, at any time. */
  readonly errors: number;
  /** Number of datagrams that came back once more, or after a later one. */
  readonly duplicated: number;
  readonly reordered: number;
  /** The first failures, by their message, and how often each happened. */
  readonly failures: ReadonlyMap<string, number>;
  /** Time from when a message was due to its answer. */
  readonly latency: Latencies;
  /** Time to connect, TLS handshake included. */
  readonly connect: Latencies;
  /** Time from a peer's first message to the first byte of its answer. */
  readonly firstByte: Latencies;
  /** What was answered, by time; neighbours are joined where there would be too many. */
  readonly timeline: readonly Interval[];
  /** The most that this program itself was late to send, in milliseconds; 0 in a closed loop. */
  readonly behindMs: number;
  /** Number of peers that were connected. */
  readonly connected: number;
}
