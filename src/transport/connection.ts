/**
 * Connections: a `ReadableStream` of bytes from the peer and a `WritableStream` of bytes to it.
 *
 * @module
 */
import type { ByteListener, ByteSink, ByteSource, Subscription } from "../pipe/bytes.ts";
import { readableFrom, writableTo } from "../pipe/streams.ts";
import { SocketState, type Traffic } from "../runtime/socket_state.ts";
import type { Address, Socket } from "../runtime/socket.ts";
import { untilQuiet } from "./drain.ts";
import { ReadAhead } from "./read_ahead.ts";

/** Limit of time for reading the rest of the peer's bytes at the end of a connection, in milliseconds. */
const LINGER_MS = 2000;
/** Limit of the number of these bytes. */
const LINGER_BYTES = 16 * 1024 * 1024;

/**
 * A connection that supports half-close: the peer's end of stream closes only {@linkcode Connection.readable}, closing
 * {@linkcode Connection.writable} only sends a FIN, and the socket is closed when both have ended. Cancelling the
 * `readable` or aborting the `writable` ends the connection at once.
 *
 * The socket is read only when the consumer asks for bytes, and a write resolves when the system has accepted them:
 * there is no other buffer. Stages join the `readable` by `pipeThrough`, and `pipeTo(writable)` runs them directly
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
  /** Address of this end. */
  readonly local: Address;
  /** Address of the peer. */
  readonly remote: Address;
  /** Counters of bytes, reads and writes so far. */
  readonly traffic: Traffic;
  /** Set by the reader; called when {@linkcode Connection.drain} ends the input while a read is pending. */
  onEnd: (() => void) | undefined;
  /** Set by a chain of stages that reads. */
  reader: { readonly begun: boolean } | undefined;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  readonly #socket: Socket;
  readonly #state: SocketState;
  /** Set once bytes were read that nobody had asked for. */
  #ahead: ReadAhead | undefined;
  /** The last read, which may be pending. */
  #reading: Promise<Uint8Array | null> | undefined;
  /** Resolves at the end of the subscription. */
  #subscribed: Promise<void> | undefined;
  #endingWrite: Promise<void> | undefined;
  #finishing: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  /** The input was ended at this side. */
  #drained = false;

  /** Wraps a connected socket, and takes ownership of it. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.#state = socket.state = new SocketState(socket);
    this.local = socket.local;
    this.remote = socket.remote;
    this.traffic = this.#state.traffic;
  }

  /** Resolves when the socket is closed; never rejects. */
  get closed(): Promise<void> {
    return this.#state.closed;
  }

  /** True once the socket is closed. */
  get isClosed(): boolean {
    return this.#state.isClosed;
  }

  /** The bytes from the peer. Made on demand: a connection that is piped directly costs no stream. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#readable ??= readableFrom(this);
  }

  /** The bytes to the peer. Made on demand. */
  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= writableTo(this);
  }

  /** Callback after each read and write of bytes, for logs and limits. */
  set watch(watch: (() => void) | undefined) {
    this.#state.watch = watch;
  }

  /** Reads the next bytes, as the `readable` does for each chunk; null at the end. One read at a time. */
  read(): Promise<Uint8Array | null> {
    if (this.#drained) return Promise.resolve(null);
    if (this.#finishing !== undefined) return this.closed.then(() => this.#socket.read());
    if (this.#ahead?.isDone) this.#ahead = undefined;
    this.#state.reading = true;
    const reading = this.#reading = (this.#ahead ?? this.#socket).read();
    if (this.onEnd !== undefined) return reading;
    return new Promise((resolve, reject) => {
      this.onEnd = () => resolve(null);
      reading.then(resolve, reject).finally(() => this.onEnd = undefined);
    });
  }

  /** Passes received bytes to a listener, where the runtime delivers them as events: see {@linkcode ByteSource}. */
  get subscribe(): ((listener: ByteListener) => Subscription) | undefined {
    if (this.#ahead?.isDone) this.#ahead = undefined;
    if (this.#socket.subscribe === undefined || this.#ahead !== undefined) return undefined;
    if (this.#finishing !== undefined || this.#drained) return undefined;
    return (listener) => {
      const { ended, cancel } = this.#socket.subscribe!(listener);
      this.#subscribed = ended.catch(() => {}); // reported to the subscriber
      return {
        ended,
        cancel: () => {
          this.#subscribed = undefined;
          cancel();
        },
      };
    };
  }

  /** Releases the buffer of the last read: its bytes must not be used any more. */
  release(): void {
    if (this.#ahead === undefined) this.#socket.release(); // else the last read may be one that nobody has seen yet
  }

  /**
   * Reads up to 64 KiB ahead, if nobody reads: so the peer's end or reset is noticed, however long the reader takes.
   * Later reads return what was read.
   */
  readAhead(): void {
    if (this.#state.reading || this.#state.readDone || this.#subscribed !== undefined || this.#finishing) return;
    this.#ahead ??= new ReadAhead(this.#socket);
  }

  /**
   * Writes bytes, as the `writable` does for each chunk; resolves when the system has accepted them. Until then they
   * must not change. Await each write before the next: overlapping writes are sent in order, but their number is not
   * limited.
   */
  write(bytes: Uint8Array): Promise<void> {
    return this.#socket.write(bytes);
  }

  /** Ends the sending direction (FIN) after all pending writes: the peer reads the end of the stream. */
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
   * Ends the input once all received bytes are read: when nothing has arrived for 60 ms, or after 1.5 s if the peer
   * keeps sending. The reader sees the end of the stream; sending is not affected.
   *
   * `together`: all connections of this thread are drained, and each waits until nothing has arrived on any of them for
   * 60 ms: while the thread is busy with one connection, received bytes of another may still be unread.
   */
  drain(together = false): Promise<void> {
    return this.#draining ??= untilQuiet(this.#state, together).then(() => {
      this.#drained = true;
      this.onEnd?.();
    });
  }

  /** Ends both directions at once. Bytes in flight may be lost. */
  abort(): void {
    this.#state.close();
  }

  /**
   * Ends both directions at once, so that the peer sees a failure and takes nothing for complete: a TCP reset (RFC 9293,
   * 3.5.2), which drops sent bytes that are still on their way. Pending reads and writes fail with `closed`.
   *
   * On Node that holds for TCP and for TLS over it. On Deno, which has no call for it, it holds for TCP where no read or
   * write is pending. Where one is, the connection is reset when the peer sends, ends, or receives; one that does nothing
   * for 1 s sees the end of the stream. Over TLS on Deno, and over Unix sockets, the peer sees the end.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { connect, listen } from "echopipe";
   *
   * await using listener = await listen({}, async (peer) => {
   *   await peer.read();
   *   peer.reset();
   * });
   * await using connection = await connect({ port: listener.address.port });
   * await connection.write(new TextEncoder().encode("hello"));
   * await assert.rejects(connection.read(), { code: "reset" });
   * ```
   */
  reset(): void {
    this.#state.reset();
  }

  /**
   * Ends the connection without losing sent bytes: ends the sending direction, then reads and discards input until the
   * peer ends too, for at most 2 s and 16 MiB. Closing with unread bytes would reset the connection, and the peer could
   * lose bytes that it has not read yet (RFC 1122, 4.2.2.13).
   */
  finish(): Promise<void> {
    return this.#finishing ??= this.#finish();
  }

  async #finish(): Promise<void> {
    const timer = setTimeout(() => this.abort(), LINGER_MS);
    try {
      await this.endWrite();
      await this.#reading; // a consumer's read that is pending: there is one at a time
      if (this.#subscribed !== undefined) await Promise.race([this.#subscribed, this.closed]); // it may never settle
      for (let dropped = 0; !this.#state.readDone && dropped < LINGER_BYTES;) {
        dropped += (await (this.#ahead ?? this.#socket).read())?.length ?? 0;
        this.release();
      }
    } catch {
      // Reset or timed out: the connection is closed in any case.
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
