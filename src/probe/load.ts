/**
 * Load by many peers.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Interval, LoadOptions, LoadResult } from "./load_contract.ts";
import { openPeer, scriptFor } from "./open_peer.ts";
import type { Peer, PeerEvents } from "./peer.ts";
import { Recorder } from "./recorder.ts";
import { Schedule } from "./schedule.ts";
import type { Script } from "./script.ts";

/** The most connections that are being made at a time. */
const MAX_CONNECTING = 128;
/** Pause between two looks at what is unanswered, at the end, in milliseconds. */
const POLL_MS = 5;
/** Peers begin so many messages apart in the script: bytes that reach the wrong one differ. */
const APART = 17;

/**
 * Puts load on a server, and measures it. The peers connect, and each sends at once; when all are connected and `omitMs`
 * is over, the measure begins. After `durationMs` nothing more is sent, and what is unanswered is waited for as long as
 * `timeoutMs`. A connection that fails is not made again.
 *
 * @throws {EchopipeError} if no peer can be connected: the codes of `connect`
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  return await new Load(options).run();
}

class Load {
  readonly #options: LoadOptions;
  readonly #script: Script;
  readonly #recorder = new Recorder();
  readonly #peers: (Peer | undefined)[];
  /** Aborted when nothing is left to do: the caller's signal, or no peer is left. */
  readonly #over = new AbortController();
  #connected = 0;
  #connecting = true;
  #failure: unknown;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#script = scriptFor(options, options.sizes);
    this.#peers = Array.from({ length: options.peers }, () => undefined);
  }

  async run(): Promise<LoadResult> {
    const { signal, rate, intervalMs, omitMs, durationMs } = this.#options;
    const stop = () => this.#over.abort();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    const schedule = rate === undefined
      ? undefined
      : new Schedule(rate, (slot, at) => this.#peers[slot % this.#peers.length]?.allow(at));
    let interval = setInterval(() => this.#report(), intervalMs);
    let end = 0;
    try {
      await this.#connectAll();
      if (this.#connected === 0 && this.#failure !== undefined) throw this.#failure;
      await this.#pause(omitMs);
      this.#recorder.begin(performance.now());
      if (schedule !== undefined) schedule.behind = 0;
      clearInterval(interval);
      interval = setInterval(() => this.#report(), intervalMs);
      end = performance.now() + durationMs;
      await this.#pause(durationMs);
      end = Math.min(end, performance.now()); // the caller may have ended it
      schedule?.stop(end);
      await this.#untilAnswered();
      this.#report(intervalMs / 2);
    } finally {
      schedule?.stop(0);
      clearInterval(interval);
      signal?.removeEventListener("abort", stop);
      this.#over.abort();
      await Promise.all(this.#peers.map((peer) => peer?.unanswered === 0 ? peer.close() : peer?.abort()));
    }
    return this.#recorder.result(this.#connected, end, schedule?.behind ?? 0);
  }

  /** Ends an interval. One in which nothing happened is not reported where it is shorter than `minMs`. */
  #report(minMs = 0): void {
    const interval: Interval = this.#recorder.interval(performance.now());
    const { from, to, messages, errors, mismatched } = interval;
    if (messages + errors + mismatched > 0 || (to - from) * 1000 > minMs) this.#options.onInterval?.(interval);
  }

  async #connectAll(): Promise<void> {
    const { peers, rampMs } = this.#options;
    const began = performance.now();
    let next = 0;
    const lane = async () => {
      while (next < peers && !this.#over.signal.aborted) {
        const i = next++;
        await this.#pause(began + rampMs * i / peers - performance.now());
        if (!this.#over.signal.aborted) await this.#connect(i);
      }
    };
    await Promise.all(Array.from({ length: Math.min(peers, MAX_CONNECTING) }, lane));
    this.#connecting = false;
    this.#endIfAlone();
  }

  async #connect(i: number): Promise<void> {
    const { peers, rate, inFlight, oneWay } = this.#options;
    const settings = {
      window: inFlight,
      step: rate === undefined ? NaN : peers * 1000 / rate,
      first: i * APART,
      oneWay,
    };
    const began = performance.now();
    try {
      const peer = await openPeer(this.#options, this.#script, settings, this.#eventsOf(i), this.#over.signal);
      if (!this.#options.udp) this.#recorder.connect.record(performance.now() - began);
      this.#connected++;
      if (peer.isOver) return; // the server has ended it at once, which was reported
      this.#peers[i] = peer;
      if (rate === undefined) peer.allowAll();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      this.#failure ??= error;
      this.#recorder.failed(error);
    }
  }

  #eventsOf(i: number): PeerEvents {
    const recorder = this.#recorder;
    return {
      answered: (_message, due, now, bytes, intact) => recorder.answered(due, now, bytes, intact),
      lost: () => recorder.failed(new EchopipeError("timed-out", "A datagram was not answered in time")),
      duplicated: () => void recorder.duplicated++,
      reordered: () => void recorder.reordered++,
      stray: () => void recorder.mismatched++,
      firstByte: (ms) => recorder.firstByte.record(ms),
      failed: (error) => {
        recorder.failed(error);
        const peer = this.#peers[i];
        this.#peers[i] = undefined;
        this.#countUnanswered(peer);
        this.#endIfAlone();
      },
    };
  }

  /** Ends the load where no peer is left. */
  #endIfAlone(): void {
    if (!this.#connecting && this.#peers.every((peer) => peer === undefined)) this.#over.abort();
  }

  #countUnanswered(peer: Peer | undefined): void {
    peer?.stop();
    const unanswered = peer?.unanswered ?? 0;
    if (unanswered > 0) this.#recorder.failed(new EchopipeError("ended", "A message was not answered"), unanswered);
  }

  /** Waits for what is unanswered; counts what is not answered within the timeout. */
  async #untilAnswered(): Promise<void> {
    for (const peer of this.#peers) peer?.stop();
    const limit = performance.now() + this.#options.timeoutMs;
    const waiting = () => this.#peers.some((peer) => peer !== undefined && peer.unanswered > 0);
    while (waiting() && performance.now() < limit && !this.#over.signal.aborted) await this.#pause(POLL_MS);
    if (this.#options.signal?.aborted) return; // they had no time to be answered
    for (const peer of this.#peers) this.#countUnanswered(peer);
  }

  /** Waits so long, or until all is over. */
  #pause(ms: number): Promise<void> {
    const { signal } = this.#over;
    if (signal.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
    });
  }
}
