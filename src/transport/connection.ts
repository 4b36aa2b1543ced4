/**
 * A connection: a `ReadableStream` of what the peer sends, a `WritableStream` of what is sent to it.
 *
 * @module
 */
import {
  type ByteSink,
  type ByteSource,
  type Feed,
  readableFrom,
  type Take,
  writableTo,
} from "../pipe/byte_streams.ts";
import { Meter, type Traffic } from "../runtime/socket_state.ts";
import type { Address, Socket } from "../runtime/socket.ts";

/** How long a closing connection goes on reading what the peer still sends, in milliseconds. */
const LINGER_MS = 2000;
/** How much of it, in bytes. */
const LINGER_BYTES = 16 * 1024 * 1024;

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
  /** This end. */
  readonly local: Address;
  /** The peer's end. */
  readonly remote: Address;
  /** What passed so far. */
  readonly traffic: Traffic;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  readonly #socket: Socket;
  readonly #meter: Meter;
  /** The last read, which may be under way. */
  #reading: Promise<Uint8Array | null> | undefined;
  /** Resolves when nobody is given what comes any more. */
  #feeding: Promise<void> | undefined;
  #endingWrite: Promise<void> | undefined;
  #finishing = false;

  /** Wraps a connected socket, which is the connection's from then on. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.#meter = socket.meter = new Meter(socket);
    this.local = socket.local;
    this.remote = socket.remote;
    this.traffic = this.#meter.traffic;
  }

  /** Resolves when the socket is released; never rejects. */
  get closed(): Promise<void> {
    return this.#meter.closed;
  }

  /** What the peer sends. Made when it is first asked for: an idle connection that is coupled directly costs none. */
  get readable(): ReadableStream<Uint8Array> {
    return this.#readable ??= readableFrom(this);
  }

  /** What is sent to the peer. */
  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= writableTo(this);
  }

  /** Called after each read and write that passed bytes, while it is set: for logs and limits. */
  set watch(watch: (() => void) | undefined) {
    this.#meter.watch = watch;
  }

  /** What the `readable` does for each chunk: the next bytes, null at the end. One read at a time. */
  read(): Promise<Uint8Array | null> {
    if (this.#finishing) return this.closed.then(() => this.#socket.read());
    return this.#reading = this.#socket.read();
  }

  /** What the socket receives, given as it comes, where the runtime has events for it: see {@linkcode ByteSource}. */
  get feed(): ((take: Take) => Feed) | undefined {
    if (this.#socket.feed === undefined || this.#finishing) return undefined;
    return (take) => {
      const { over, leave } = this.#socket.feed!(take);
      this.#feeding = over.catch(() => {}); // whoever is fed hears of it
      return {
        over,
        leave: () => {
          this.#feeding = undefined;
          leave();
        },
      };
    };
  }

  /** The bytes last read are no longer looked at: see {@linkcode Socket.release}. */
  release(): void {
    this.#socket.release();
  }

  /**
   * What the `writable` does for each chunk: resolves when the system has taken the bytes, which must not change until
   * then. Wait for it before the next: writes that overlap leave in order, but nothing limits how many wait.
   */
  write(bytes: Uint8Array): Promise<void> {
    return this.#socket.write(bytes);
  }

  /** Ends the sending direction: the peer sees the end of the stream, after all that was written. */
  endWrite(): Promise<void> {
    return this.#endingWrite ??= this.#endWrite();
  }

  async #endWrite(): Promise<void> {
    if (this.#meter.writeDone) return;
    try {
      await this.#socket.endWrite();
    } finally {
      this.#meter.writeEnded();
    }
  }

  /** Ends both directions at once; what is on its way may be lost. */
  abort(): void {
    this.#meter.close();
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
      await this.#feeding;
      for (let dropped = 0; !this.#meter.readDone && dropped < LINGER_BYTES;) {
        dropped += (await this.#socket.read())?.length ?? 0;
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
    if (!this.#meter.isClosed) await this.finish();
  }
}
