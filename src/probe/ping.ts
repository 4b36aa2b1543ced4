/**
 * Round-trip times, one message at a time.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { Jitter } from "./jitter.ts";
import { Latencies } from "./latencies.ts";
import { openPeer, type ProbeTarget, scriptFor } from "./open_peer.ts";
import type { Peer, PeerEvents } from "./peer.ts";

/** The most messages in flight: a server that stalls longer is sent no more. */
const WINDOW = 4096;
/** Pause between two looks at what is unanswered, at the end, in milliseconds. */
const POLL_MS = 5;

/** Options of {@linkcode ping}. */
export interface PingOptions extends ProbeTarget {
  /** Number of messages; Infinity: until `signal`. */
  readonly count: number;
  /** Time between two messages, in milliseconds. */
  readonly intervalMs: number;
  /** Size of a message in bytes, without header or terminator. */
  readonly size: number;
  /** Ends the measure: the result is what was measured so far. */
  readonly signal?: AbortSignal;
  /** Called for each answer, and each datagram that is lost. */
  readonly onAnswer?: (answer: PingAnswer) => void;
}

/** The answer to a message, or its absence. */
export interface PingAnswer {
  /** Number of the message, from 1. */
  readonly sequence: number;
  /** `answered`: every byte is right; the last three over UDP only. */
  readonly outcome: "answered" | "mismatched" | "duplicated" | "reordered" | "lost";
  /** Size as it travelled, in bytes. */
  readonly bytes?: number;
  /** Round-trip time in milliseconds. */
  readonly rttMs?: number;
}

/** The result of {@linkcode ping}. */
export interface PingResult {
  /** Number of messages sent. */
  sent: number;
  /** Number of messages that came back, mismatched ones included. */
  received: number;
  /** Number of datagrams that came back once more. */
  duplicated: number;
  /** Number of datagrams that came back after a later one. */
  reordered: number;
  /** Number of messages that came back with a wrong byte, and of datagrams that were never sent. */
  mismatched: number;
  /** Round-trip times. */
  readonly rtt: Latencies;
  /** Jitter of them, in milliseconds: see {@linkcode Jitter}. */
  readonly jitter: Jitter;
  /** Time from the first message to the end, in milliseconds. */
  tookMs: number;
  /** What ended the connection early, if anything did. */
  failure?: unknown;
}

/**
 * Sends a message each interval, answered or not, and compares what comes back. After the last one answers are waited for
 * as long as `timeoutMs`.
 *
 * @throws {EchopipeError} if no connection can be made: the codes of `connect`
 */
export async function ping(options: PingOptions): Promise<PingResult> {
  const { count, intervalMs, timeoutMs, size, signal, onAnswer } = options;
  const result: PingResult = {
    sent: 0,
    received: 0,
    duplicated: 0,
    reordered: 0,
    mismatched: 0,
    rtt: new Latencies(),
    jitter: new Jitter(),
    tookMs: 0,
  };
  const ended = Promise.withResolvers<void>();
  const settings = { window: Math.min(count, WINDOW), step: intervalMs, first: 0, oneWay: false };
  const script = scriptFor(options, { min: size, max: size });
  const peer = await openPeer(options, script, settings, eventsInto(result, onAnswer, ended.resolve), signal);
  const end = () => ended.resolve();
  signal?.addEventListener("abort", end);
  const began = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = () => {
    peer.allow();
    result.sent++;
    if (result.sent < count) timer = setTimeout(next, began + result.sent * intervalMs - performance.now());
    else void untilAnswered(peer, performance.now() + timeoutMs).then(end);
  };
  if (!signal?.aborted) next();
  else end();
  await ended.promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", end);
  result.tookMs = performance.now() - began;
  await (peer.unanswered === 0 ? peer.close() : peer.abort());
  return result;
}

/** Waits until nothing is unanswered, or until that time. */
export async function untilAnswered(peer: Peer, limit: number): Promise<void> {
  while (peer.unanswered > 0 && performance.now() < limit) await new Promise((resume) => setTimeout(resume, POLL_MS));
}

function eventsInto(
  result: PingResult,
  onAnswer: PingOptions["onAnswer"],
  end: () => void,
): PeerEvents {
  const report = (message: number, outcome: PingAnswer["outcome"], more: Partial<PingAnswer> = {}) =>
    onAnswer?.({ sequence: message + 1, outcome, ...more });
  return {
    answered(message, due, now, bytes, intact) {
      const rttMs = now - due;
      result.received++;
      result.rtt.record(rttMs);
      result.jitter.add(rttMs);
      if (!intact) result.mismatched++;
      report(message, intact ? "answered" : "mismatched", { bytes, rttMs });
    },
    lost: (message) => report(message, "lost"),
    duplicated(message) {
      result.duplicated++;
      report(message, "duplicated");
    },
    reordered(message) {
      result.reordered++;
      report(message, "reordered");
    },
    stray() {
      result.mismatched++;
    },
    firstByte() {},
    failed(error) {
      result.failure = error instanceof EchopipeError ? error : new EchopipeError("io", String(error));
      end();
    },
  };
}
