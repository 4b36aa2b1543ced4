/**
 * A client that sends, reads and ends as a case tells it to, and notes how the connection ended.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import type { Connection } from "../transport/connection.ts";
import type { EchoCheck } from "./echo_check.ts";
import type { Patience } from "./patience.ts";

/** The largest write, in bytes: after each the server has made progress. */
const MAX_WRITE = 64 * 1024;

/**
 * The state of the connection as this client sees it. `fin`: ended as it should be; `unclean`: TLS ended without its
 * close_notify; `silent`: nothing has moved for the limit of time; `closed`: ended at this side.
 */
export type PeerState = "open" | "fin" | "reset" | "unclean" | "silent" | "closed";

/** One client of the server. It does not throw when the connection fails: see {@linkcode Peer.state}. */
export class Peer implements AsyncDisposable {
  state: PeerState = "open";
  /** Milliseconds after which it counts as silent. */
  readonly patience: Patience;
  readonly #connection: Connection;
  readonly #left: () => void;

  /** Takes ownership of a connection. `left` is called when it is closed. */
  constructor(connection: Connection, patience: Patience, left: () => void) {
    this.#connection = connection;
    this.patience = patience;
    this.#left = left;
  }

  /** Bytes sent and received so far. */
  get moved(): number {
    const { sent, received } = this.#connection.traffic;
    return sent + received;
  }

  /** Bytes that the system has accepted so far. */
  get sent(): number {
    return this.#connection.traffic.sent;
  }

  /** Sends pieces, one after the other. Returns early when the connection has failed: whoever receives sees that. */
  async send(...pieces: readonly (Uint8Array | Iterable<Uint8Array>)[]): Promise<void> {
    for (const piece of pieces) {
      for (const bytes of piece instanceof Uint8Array ? [piece] : piece) {
        for (let at = 0; at < bytes.length; at += MAX_WRITE) {
          const piece = bytes.subarray(at, at + MAX_WRITE);
          if (await this.#try(this.#connection.write(piece)) === undefined) return;
        }
      }
    }
  }

  /** Ends the sending direction. */
  async end(): Promise<void> {
    await this.#try(this.#connection.endWrite());
  }

  /** Receives until the check has so many bytes, all by default; ends early at a difference or with the connection. */
  async receive(check: EchoCheck, until: number = check.sent.length): Promise<void> {
    while (check.matched < until && await this.#receive(check));
  }

  /** Receives until the connection ends, or the first difference. */
  async receiveEnd(check: EchoCheck): Promise<void> {
    while (await this.#receive(check));
  }

  async #receive(check: EchoCheck): Promise<boolean> {
    if (this.state !== "open") return false;
    const read = await this.#try(this.#connection.read());
    if (read === undefined) return false;
    if (read.value === null) {
      this.state = "fin";
      return false;
    }
    check.push(read.value);
    this.#connection.release();
    if (check.difference !== undefined) this.close();
    return check.difference === undefined;
  }

  /** Ends both directions at once. */
  close(): void {
    if (this.state === "open") this.state = "closed";
    this.#connection.abort();
    this.#left();
  }

  /** Awaits an action, under the limit of time without progress; undefined: the connection has failed. */
  async #try<T>(action: Promise<T>): Promise<{ value: T } | undefined> {
    let before = this.moved;
    const timer = setInterval(() => {
      if (this.moved === before && this.state === "open") {
        this.state = "silent";
        this.patience.expired();
        this.#connection.abort();
      }
      before = this.moved;
    }, this.patience.ms);
    try {
      return { value: await action };
    } catch (error) {
      this.#failed(error);
      return undefined;
    } finally {
      clearInterval(timer);
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof EchopipeError)) throw error;
    if (this.state !== "open") return;
    const unclean = (error.cause as Error | undefined)?.name === "UnexpectedEof" ||
      /close_notify/.test(messageOf(error));
    this.state = unclean ? "unclean" : "reset";
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return this.#connection.closed;
  }
}
