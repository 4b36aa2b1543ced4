/**
 * Connections: a `ReadableStream` of bytes from the peer and a `WritableStream` of bytes to it.
 *
 * @module
 */
import type { ByteListener, ByteSink, ByteSource, Subscription } from "../pipe/bytes.ts";
import { pipe, type PipeOptions } from "../pipe/pipe.ts";
import { readableFrom, writableTo } from "../pipe/streams.ts";
import type { Stage } from "../stage/stage.ts";
import type { StartTlsOptions } from "../runtime/socket.ts";
import { checkTls } from "./check_options.ts";
import { ConnectionBase } from "./connection_base.ts";
import { discard } from "./discard.ts";
import { untilQuiet } from "./drain.ts";
import { beforeTls, inUse, LeftOver } from "./left_over.ts";
import { ReadAhead } from "./read_ahead.ts";

/** Limit of time for reading the rest of the peer's bytes at the end of a connection, in milliseconds. */
const LINGER_MS = 2000;

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
export class Connection extends ConnectionBase implements AsyncDisposable, ByteSource, ByteSink {
  /** Set by the reader; called when {@linkcode Connection.drain} ends the input while a read is pending. */
  onEnd: (() => void) | undefined;
  /** Set by a chain of stages that reads. */
  reader: { readonly begun: boolean } | undefined;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  /** Set once bytes were read that nobody had asked for. */
  #ahead: ReadAhead | undefined;
  /** The last read, which may be pending. */
  #reading: Promise<Uint8Array | null> | undefined;
  /** Made when a reader leaves something. */
  #left: LeftOver | undefined;
  /** Resolves at the end of the subscription. */
  #subscribed: Promise<void> | undefined;
  #endingWrite: Promise<void> | undefined;
  #finishing: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  #startingTls = false;
  /** The input was ended at this side. */
  #drained = false;

  /** The bytes from the peer. Made on demand: a connection that is piped directly costs no stream. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#readable ??= readableFrom(this);
  }

  /** The bytes to the peer. Made on demand. */
  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= writableTo(this);
  }

  /** Reads the next bytes, as the `readable` does for each chunk; null at the end. One at a time: another fails with `in-use`. */
  read(): Promise<Uint8Array | null> {
    const bytes = this.#left?.takeBytes();
    if (bytes !== undefined) return Promise.resolve(bytes);
    if (this.#drained) return Promise.resolve(null);
    const left = this.#left?.takeRead();
    if (left !== undefined) return this.#endable(left);
    if (this.#isReading) return Promise.reject(inUse("receive from", this.remote));
    if (this.#finishing !== undefined) return this.closed.then(() => this.socket.read());
    this.state.reading = true;
    return this.#endable(this.#reading = (this.#ahead ?? this.socket).read());
  }

  /** Leaves a pending read to the next reader. */
  abandon(): void {
    if (this.#isReading) (this.#left ??= new LeftOver()).leave(this.#reading);
  }

  /** A read that a drain ends, unless its reader has an `onEnd` of its own. */
  #endable(reading: Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    if (this.onEnd !== undefined) return reading;
    return new Promise((resolve, reject) => {
      this.onEnd = () => resolve(null);
      reading.then(resolve, reject).finally(() => this.onEnd = undefined);
    });
  }

  /** Passes received bytes to a listener, where the runtime delivers them as events: see {@linkcode ByteSource}. */
  get subscribe(): ((listener: ByteListener) => Subscription) | undefined {
    if (this.#ahead?.isDone) this.#ahead = undefined;
    if (this.#ahead !== undefined || this.#left?.isEmpty === false || this.socket.busy) return undefined;
    if (this.socket.subscribe === undefined || this.#finishing !== undefined || this.#drained) return undefined;
    return (listener) => {
      const { ended, cancel } = this.socket.subscribe!(listener);
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
    if (this.#ahead === undefined) this.socket.release(); // else the last read may be one that nobody has seen yet
  }

  /**
   * Reads up to 64 KiB ahead, if nobody reads: so the peer's end or reset is noticed, however long the reader takes.
   * Later reads return what was read.
   */
  readAhead(): void {
    if (this.socket.busy || this.#startingTls || this.state.readDone || this.#finishing) return;
    this.#ahead ??= new ReadAhead(this.socket);
  }

  /**
   * Writes bytes, as the `writable` does for each chunk; resolves when the system has accepted them. Until then they
   * must not change. Await each write before the next: overlapping writes are sent in order, but their number is not
   * limited.
   */
  write(bytes: Uint8Array): Promise<void> {
    return this.socket.write(bytes);
  }

  /** Ends the sending direction (FIN) after all pending writes: the peer reads the end of the stream. */
  endWrite(): Promise<void> {
    return this.#endingWrite ??= this.#endWrite();
  }

  async #endWrite(): Promise<void> {
    if (this.state.writeDone) return;
    try {
      await this.socket.endWrite();
    } finally {
      this.state.writeEnded();
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
    return this.#draining ??= untilQuiet(this.state, together, () => this.#hasUnread).then(() => {
      this.#drained = true;
      this.onEnd?.();
    });
  }

  /**
   * Goes on over TLS, from the next byte on, as the end that connects or, with `isServer`, as the one that serves
   * (Node only). The chain that used the connection so far has to be over; `readable` and `writable` are new ones then.
   * `servername` is by default the address of the peer. A failure closes the connection.
   *
   * @throws {EchopipeError} `in-use` while a read is pending; `protocol` if bytes have come that nobody has read: they came
   * before TLS, and are not to be trusted; `tls`, `timed-out`, `reset` or `invalid-argument`
   */
  async startTls(options: StartTlsOptions): Promise<void> {
    checkTls("go on", options);
    if (this.#isReading) throw inUse("start TLS with", this.remote);
    if (this.#hasUnread) {
      this.abort();
      throw beforeTls(this.remote);
    }
    this.#startingTls = true;
    await this.socket.startTls(options).finally(() => this.#startingTls = false);
    this.#readable = this.#writable = this.reader = undefined;
  }

  /**
   * Puts bytes back in front of the next read: those of a read that belong to whoever reads next. They are copied.
   *
   * @throws {EchopipeError} `in-use` while a read is pending
   */
  unread(bytes: Uint8Array): void {
    if (this.#isReading) throw inUse("put bytes back for", this.remote);
    (this.#left ??= new LeftOver()).putBack(bytes);
  }

  /**
   * Goes on with other stages, after a chain that a stage has ended: what was put back by {@linkcode Connection.unread},
   * then what the peer sends, passes them, and their output goes to the peer. What a `decoder` at the head of the
   * ended chain had not made an item of is put back by itself; items that waited for an asynchronous stage are lost.
   * With `preventClose`, the sending direction stays open when these stages end, and a further switch can follow.
   */
  become(stage: Stage<Uint8Array, Uint8Array>, options?: PipeOptions): Promise<void> {
    this.#readable = this.#writable = this.reader = undefined;
    return pipe(this, stage, this, options);
  }

  /** A read or a subscription is pending, or TLS is starting. */
  get #isReading(): boolean {
    if (this.#ahead?.isDone) this.#ahead = undefined;
    return ((this.#ahead ?? this.socket).busy && !this.#left?.hasRead || this.#startingTls) && !this.isClosed;
  }

  /** Something has come that no reader has taken. */
  get #hasUnread(): boolean {
    return this.#left?.holds(this.socket.busy) || this.#ahead?.holds(this.socket.busy) || false;
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
      await discard({ read: () => (this.#ahead ?? this.socket).read(), release: () => this.release() }, this.state);
    } catch { // reset or timed out: the connection is closed in any case
    } finally {
      clearTimeout(timer);
      this.abort();
    }
  }

  /** Ends the connection as {@linkcode Connection.finish} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.state.isClosed) await this.finish();
  }
}
