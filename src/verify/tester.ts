/**
 * The tools of the cases: connections to the server, bytes to send, and the time that is given.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type Address, formatAddress } from "../runtime/socket.ts";
import { connect } from "../transport/open.ts";
import { DatagramPeer } from "./datagram_peer.ts";
import { hashOf, Pattern, randomBytes } from "./pattern.ts";
import { Patience } from "./patience.ts";
import { Peer } from "./peer.ts";
import { type Frame, frames, type WireName } from "./wire.ts";

/** Options of a {@linkcode Tester}. */
export interface TesterOptions {
  /** The server. */
  readonly target: Address;
  /** Speaks TLS. `ca`: certificates to trust instead of the system's, in PEM. */
  readonly tls?: { readonly ca?: string };
  /** Default `raw`. */
  readonly framing?: WireName;
  /** Everything random is made of it. Default 1. */
  readonly seed?: number;
  /** Limit for the server to make progress, in milliseconds. Default 5000. */
  readonly timeoutMs?: number;
}

/** Talks to the server on behalf of the cases. */
export class Tester {
  readonly target: Address;
  readonly tls: { readonly ca?: string } | undefined;
  readonly framing: WireName;
  readonly frame: Frame;
  readonly seed: number;
  readonly patience: Patience;
  readonly #open = new Set<{ close(): void }>();
  readonly #stop = new AbortController();

  constructor({ target, tls, framing = "raw", seed = 1, timeoutMs = 5000 }: TesterOptions) {
    this.target = target;
    this.tls = tls;
    this.framing = framing;
    this.frame = frames[framing];
    this.seed = seed;
    this.patience = new Patience(timeoutMs);
  }

  /** It was stopped. */
  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Stops: all connections close, pauses end, and nothing connects any more. */
  stop(): void {
    this.#stop.abort();
    for (const peer of this.#open) peer.close();
  }

  /**
   * Connects to the server.
   *
   * @throws {EchopipeError} as `connect` does
   */
  async connect(): Promise<Peer> {
    const { target: { address: host, port }, tls, patience } = this;
    const limit = new AbortController();
    const where = formatAddress(this.target);
    const expire = () => {
      patience.expired();
      limit.abort(new EchopipeError("timed-out", `Cannot connect to ${where}: no answer in ${seconds}`));
    };
    const seconds = `${patience.ms / 1000} s`;
    const timer = setTimeout(expire, patience.ms);
    // An error of ours: what else rejects counts as a fault of the case.
    const stop = () => limit.abort(new EchopipeError("ended", `Cannot connect to ${where}: the run was stopped`));
    this.#stop.signal.addEventListener("abort", stop, { once: true });
    try {
      if (this.stopped) stop();
      const connection = await connect({ host, port, tls, signal: limit.signal });
      const peer: Peer = new Peer(connection, patience, () => this.#open.delete(peer));
      this.#open.add(peer);
      if (this.stopped) peer.close();
      return peer;
    } finally {
      clearTimeout(timer);
      this.#stop.signal.removeEventListener("abort", stop);
    }
  }

  /** Opens a socket for datagrams to and from the server. Throws as `openDatagrams` does. */
  async datagrams(port?: number): Promise<DatagramPeer> {
    const { target, patience } = this;
    const peer: DatagramPeer = await DatagramPeer.open(target, { patience, port, left: () => this.#open.delete(peer) });
    this.#open.add(peer);
    if (this.stopped) peer.close();
    return peer;
  }

  /** Waits. Ends early when this is stopped. */
  pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resume) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resume();
      };
      const timer = setTimeout(done, this.stopped ? 0 : ms);
      signal.addEventListener("abort", done);
    });
  }

  /** A seed for a name: another for each. */
  seedOf(name: string): number {
    return (hashOf(name) ^ this.seed) >>> 0;
  }

  /** Random bytes that belong to a name. */
  random(name: string, length: number): Uint8Array {
    return randomBytes(this.seedOf(name), length);
  }

  /** A frame around random bytes that belong to a name, `times` in a row. */
  pattern(name: string, length: number, times = 1): Pattern {
    return new Pattern(this.frame(this.random(name, length)), times);
  }
}
