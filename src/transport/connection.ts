/**
 * Connections: a `ReadableStream` of what the peer sends, a `WritableStream` of what is sent to it.
 *
 * @module
 */
import type { ByteListener, ByteSink, ByteSource, Subscription } from "../pipe/bytes.ts";
import { readableFrom, writableTo } from "../pipe/streams.ts";
import { SocketState, type Traffic } from "../runtime/socket_state.ts";
import type { Address, Socket } from "../runtime/socket.ts";
import { untilQuiet } from "./drain.ts";

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
 * all the buffering there is. Stages join the `readable` by `pipeThrough`, and `pipeTo(writable)` runs them straight
 * between the socket's read and its write.
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
  /** Counters of what passed so far. */
  readonly traffic: Traffic;
  /** Set by whoever reads: called when {@linkcode Connection.drain} ends the input while a read is pending. */
  onEnd: (() => void) | undefined;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  readonly #socket: Socket;
  readonly #state: SocketState;
  /** The last read, which may be pending. */
  #reading: Promise<Uint8Array | null> | undefined;
  /** Resolves when no listener is given what comes any more. */
  #subscribed: Promise<void> | undefined;
  #endingWrite: Promise<void> | undefined;
  #finishing: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  /** The input was ended at this side. */
  #drained = false;

  /** Wraps a connected socket, which is the connection's from then on. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.#state = socket.state = new SocketState(socket);
    this.local = socket.local;
    this.remote = socket.remote;
    this.traffic = this.#state.traffic;
  }

  /** Resolves when the socket is released; never rejects. */
  get closed(): Promise<void> {
    return this.#state.closed;
  }

  /** True once the socket is released. */
  get isClosed(): boolean {
    return this.#state.isClosed;
  }

  /** The bytes that the peer sends. Made when it is first asked for: an idle connection that is piped directly costs none. */
  get readable(): ReadableStream<Uint8Array> {
    return this.#readable ??= readableFrom(this);
  }

  /** The bytes that are sent to the peer. */
  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= writableTo(this);
  }

  /** Called after each read and write that passed bytes, while it is set: for logs and limits. */
  set watch(watch: (() => void) | undefined) {
    this.#state.watch = watch;
  }

  /** The next bytes, null at the end: what the `readable` does for each chunk. One read at a time. */
  read(): Promise<Uint8Array | null> {
    if (this.#drained) return Promise.resolve(null);
    if (this.#finishing !== undefined) return this.closed.then(() => this.#socket.read());
    this.#state.reading = true;
    const reading = this.#reading = this.#socket.read();
    if (this.onEnd !== undefined) return reading;
    return new Promise((resolve, reject) => {
      this.onEnd = () => resolve(null);
      reading.then(resolve, reject).finally(() => this.onEnd = undefined);
    });
  }

  /** Gives a listener what the socket receives, where the runtime has events for it: see {@linkcode ByteSource}. */
  get subscribe(): ((listener: ByteListener) => Subscription) | undefined {
    if (this.#socket.subscribe === undefined || this.#finishing !== undefined || this.#drained) return undefined;
    return (listener) => {
      const { ended, cancel } = this.#socket.subscribe!(listener);
      this.#subscribed = ended.catch(() => {}); // the subscriber hears of it
      return {
        ended,
        cancel: () => {
          this.#subscribed = undefined;
          cancel();
        },
      };
    };
  }

  /** The bytes last read are no longer looked at: see {@linkcode Socket.release}. */
  release(): void {
    this.#socket.release();
  }

  /**
   * Writes, as the `writable` does for each chunk: resolves when the system has taken the bytes, which must not change
   * until then. Wait for it before the next: writes that overlap leave in order, but nothing limits how many wait.
   */
  write(bytes: Uint8Array): Promise<void> {
    return this.#socket.write(bytes);
  }

  /** Ends the sending direction: the peer sees the end of the stream, after all that was written. */
  endWrite(): Promise<void> {
    return this.#endingWrite ??= this.#endWrite();
  }

  async #endWrite(): Promise<void> {
    if (this.#state.writeDone) return;
    try {
      await this.#socket.endWrite();
    } finally {
      this.#state.writeEnded();
    }
  }

  /**
   * Ends the input once what was received is read: as soon as nothing more has come for 60 ms, or after 1.5 s if it goes
   * on and on. Whoever reads sees the end of the stream, and what is sent goes on. `together`: all connections of this
   * thread are drained, and none is quiet before all are; else what came here might still wait to be read while others
   * are.
   */
  drain(together = false): Promise<void> {
    return this.#draining ??= untilQuiet(this.#state, together).then(() => {
      this.#drained = true;
      this.onEnd?.();
    });
  }

  /** Ends both directions at once; what is on its way may be lost. */
  abort(): void {
    this.#state.close();
  }

  /**
   * Ends the connection without losing what was sent: ends the sending direction, then reads and drops what still comes
   * until the peer ends too, for at most 2 s and 16 MiB. Closing with unread bytes would reset the connection, and the
   * peer could lose what it has not read yet (RFC 1122, 4.2.2.13).
   */
  finish(): Promise<void> {
    return this.#finishing ??= this.#finish();
  }

  async #finish(): Promise<void> {
    const timer = setTimeout(() => this.abort(), LINGER_MS);
    try {
      await this.endWrite();
      await this.#reading; // a consumer's read that is pending: there is one at a time
      if (this.#subscribed !== undefined) await Promise.race([this.#subscribed, this.closed]); // it may never be done
      for (let dropped = 0; !this.#state.readDone && dropped < LINGER_BYTES;) {
        dropped += (await this.#socket.read())?.length ?? 0;
        this.#socket.release();
      }
    } catch {
      // Reset, or the time is over: the connection is to be closed anyhow.
    } finally {
      clearTimeout(timer);
      this.abort();
    }
  }

  /** Ends the connection as {@linkcode Connection.finish} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#state.isClosed) await this.finish();
  }
}
