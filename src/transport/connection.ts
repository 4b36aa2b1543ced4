/**
 * A connection: a `ReadableStream` of what the peer sends, a `WritableStream` of what is sent to it.
 *
 * @module
 */
import { type ByteSink, type ByteSource, readableFrom, writableTo } from "./byte_streams.ts";
import type { Address, Socket } from "./socket.ts";

/** How long a closing connection goes on reading what the peer still sends, in milliseconds. */
const LINGER_MS = 2000;
/** How much of it, in bytes. */
const LINGER_BYTES = 16 * 1024 * 1024;

/** What passed through a connection. */
export interface Traffic {
  /** Bytes received from the peer. */
  received: number;
  /** Bytes sent to the peer. */
  sent: number;
  /** Reads that brought bytes. */
  reads: number;
  /** Writes that sent bytes. */
  writes: number;
}

/**
 * A connection, safe to half-close: the peer's end of stream closes {@linkcode Connection.readable} and nothing else,
 * closing {@linkcode Connection.writable} sends a FIN and nothing else, and the socket is released when both are done.
 * Cancelling the one or aborting the other ends the connection at once.
 *
 * A read asks the socket only when the consumer wants bytes, and a write resolves when the system has taken them: that is
 * all the buffering there is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, listen } from "echopipe";
 *
 * await using listener = await listen({}, (peer) => peer.readable.pipeTo(peer.writable));
 * await using connection = await connect({ port: listener.address.port });
 * const writer = connection.writable.getWriter();
 * await writer.write(new TextEncoder().encode("hello"));
 * await writer.close();
 * assert.deepEqual(await new Response(connection.readable).text(), "hello");
 * ```
 */
export class Connection implements AsyncDisposable, ByteSource, ByteSink {
  /** What the peer sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent to the peer. */
  readonly writable: WritableStream<Uint8Array>;
  /** This end. */
  readonly local: Address;
  /** The peer's end. */
  readonly remote: Address;
  /** What passed so far. */
  readonly traffic: Traffic = { received: 0, sent: 0, reads: 0, writes: 0 };
  /** Called after each read and write that passed bytes, while it is set: for logs and limits. */
  watch: (() => void) | undefined;
  /** Resolves when the socket is released; never rejects. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #settled = Promise.withResolvers<void>();
  /** Directions that are still open. */
  #halves = 2;
  #reading: Promise<Uint8Array | null> | undefined;
  #finishing = false;
  #readDone = false;
  #writeDone = false;

  /** Wraps a connected socket, which is the connection's from then on. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.local = socket.local;
    this.remote = socket.remote;
    this.closed = this.#settled.promise;
    this.readable = readableFrom(this);
    this.writable = writableTo(this);
  }

  /** What the `readable` does for each chunk: the next bytes, null at the end. */
  async read(): Promise<Uint8Array | null> {
    if (this.#finishing) await this.closed;
    try {
      const bytes = await (this.#reading = this.#socket.read());
      if (bytes === null) this.#endRead();
      else {
        this.traffic.received += bytes.length;
        this.traffic.reads++;
        this.watch?.();
      }
      return bytes;
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** The bytes last read are no longer looked at: see {@linkcode Socket.release}. */
  release(): void {
    this.#socket.release();
  }

  /** What the `writable` does for each chunk. */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    try {
      await this.#socket.write(bytes);
      this.traffic.sent += bytes.length;
      this.traffic.writes++;
      this.watch?.();
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** Ends the sending direction: the peer sees the end of the stream, after all that was written. */
  async endWrite(): Promise<void> {
    if (this.#writeDone) return;
    this.#writeDone = true;
    try {
      await this.#socket.endWrite();
    } finally {
      this.#halfDone();
    }
  }

  /** Ends both directions at once; what is on its way may be lost. */
  abort(): void {
    this.#readDone = this.#writeDone = true;
    this.#halves = 0;
    this.#socket.close();
    this.#settled.resolve();
  }

  /**
   * Ends the connection without losing what was sent: ends the sending direction, then reads and drops what still comes
   * until the peer ends too, for at most 2 s and 16 MiB. Closing with unread bytes would reset the connection, and the
   * peer could lose what it has not read yet (RFC 1122, 4.2.2.13).
   */
  async finish(): Promise<void> {
    const timer = setTimeout(() => this.abort(), LINGER_MS);
    try {
      this.#finishing = true;
      await this.endWrite();
      await this.#reading; // a consumer's read that is under way: there is one at a time
      for (let dropped = 0; !this.#readDone && dropped < LINGER_BYTES;) {
        dropped += (await this.#socket.read())?.length ?? (this.#endRead(), 0);
        this.#socket.release();
      }
    } catch {
      // Reset, or the time is over: closed is what was wanted.
    } finally {
      clearTimeout(timer);
      this.abort();
    }
  }

  /** Ends the connection as {@linkcode Connection.finish} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#halves > 0) await this.finish();
  }

  #endRead(): void {
    if (this.#readDone) return;
    this.#readDone = true;
    this.#halfDone();
  }

  #halfDone(): void {
    if (--this.#halves === 0) this.abort();
  }
}
