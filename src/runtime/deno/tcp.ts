/**
 * The transport on Deno.
 *
 * `conn.readable` closes the whole connection at the peer's end of stream, and `conn.writable.close()` closes both
 * directions; here each direction is its own, by `read`, `write` and `closeWrite`.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import type { SocketState } from "../socket_state.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { Address, ConnectOptions, Socket, Transport } from "../socket.ts";
import { formatAddress } from "../socket.ts";
import { addressOf, listenOn } from "./listen.ts";
import { ReadScheduler } from "./read_scheduler.ts";
import { resetConn } from "./reset.ts";
import { ReadTurns } from "../read_turns.ts";
import { systemError } from "../system_error.ts";

/** The read scheduler of this thread, which has one event loop. */
const scheduler = new ReadScheduler();
/**
 * The turns of bulk on this thread. Deno polls the system every 61 steps, or when nothing else is ready, and one step
 * completes up to 128 reads and writes: without turns, a gigabyte may be echoed before another peer is noticed. Four
 * turns in 61 steps cost 2 % of the speed.
 */
const turns = new ReadTurns(15);

class DenoSocket implements Socket {
  readonly local: Address;
  readonly remote: Address;
  state: SocketState | undefined;
  readonly #conn: Deno.TcpConn | Deno.TlsConn;
  readonly #buffer = new ReadBuffer();
  /** Buffer of the pending read. */
  #room: Uint8Array | undefined;
  #reading: Promise<Uint8Array | null> | undefined;
  accepted = 0;
  handshaking = false;
  #handed = 0;
  /** Number of pending writes. After a failure it stays above 0, so that all later writes fail too. */
  #writes = 0;
  #lastWrite: Promise<void> | undefined;
  #closed = false;
  /** The next read has to wait for its turn. */
  #turnOver = false;

  constructor(conn: Deno.TcpConn | Deno.TlsConn) {
    this.#conn = conn;
    this.local = addressOf(conn.localAddr);
    this.remote = addressOf(conn.remoteAddr);
  }

  get unsent(): number {
    return this.#handed - this.accepted;
  }

  /** Begins the TLS handshake with a client; reads and writes wait for it, and report its failure. */
  shakeHands(conn: Deno.TlsConn): void {
    this.handshaking = true;
    const over = () => void (this.handshaking = false);
    conn.handshake().then(over, over);
  }

  // Callbacks, not `async`: a suspended function would cost several objects for each pending read and each write.
  read(): Promise<Uint8Array | null> {
    if (this.#turnOver || scheduler.crowded) return new Promise(this.#wait);
    return this.#read();
  }

  readonly #wait = (resolve: (read: Promise<Uint8Array | null>) => void, reject: (reason: unknown) => void): void => {
    if (this.state !== undefined) this.state.reading = false; // a silent peer may have sent something
    const begin = () => {
      if (this.state !== undefined) this.state.reading = true;
      try {
        resolve(this.#read());
      } catch (error) { // out of memory
        reject(error);
      }
    };
    if (this.#turnOver) turns.wait(begin);
    else scheduler.wait(begin);
  };

  #read(): Promise<Uint8Array | null> {
    this.#room = this.#buffer.room();
    return this.#reading = this.#conn.read(this.#room).then(this.#onRead, this.#onReadFailed);
  }

  readonly #onRead = (count: number | null): Uint8Array | null => {
    scheduler.done();
    this.#reading = undefined;
    if (this.#closed) throw this.#failure("receive from"); // it was reset
    if (count === null) {
      this.state?.readEnded();
      return null;
    }
    this.#turnOver = turns.isOver(count);
    this.state?.received(count);
    return this.#buffer.take(this.#room!, count);
  };

  readonly #onReadFailed = (error: unknown): never => {
    this.#reading = undefined;
    throw this.#failure("receive from", error);
  };

  release(): void {
    this.#buffer.release();
  }

  /** The system may take only a part of the bytes: overlapping writes wait until the earlier ones are complete. */
  write(bytes: Uint8Array): Promise<void> {
    this.#handed += bytes.length;
    return this.#lastWrite = this.#writes++ === 0
      ? this.#write(bytes)
      : this.#lastWrite!.then(() => this.#write(bytes));
  }

  #write(bytes: Uint8Array, before = 0): Promise<void> {
    return this.#conn.write(bytes).then((count) => {
      if (this.#closed) throw this.#failure("send to"); // it was reset
      this.accepted += count;
      if (count < bytes.length) return this.#write(bytes.subarray(count), before + count);
      this.#writes--;
      this.state?.sent(before + count);
    }, this.#onWriteFailed);
  }

  readonly #onWriteFailed = (error: unknown): never => {
    throw this.#failure("send to", error);
  };

  async endWrite(): Promise<void> {
    await this.#lastWrite?.catch(() => {}); // reported by the write
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      // ENOTCONN: the peer has reset the connection, so there is nothing left to end.
      if (!this.#closed && (error as { code?: string }).code !== "ENOTCONN") throw this.#failure("end", error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#conn.close();
    } catch {
      // The runtime has closed it already.
    }
  }

  reset(): void {
    if (this.#closed) return;
    this.#closed = true;
    const pending = [this.#reading, this.#writes > 0 ? this.#lastWrite : undefined];
    resetConn(this.#conn, pending.filter((promise) => promise !== undefined));
  }

  #failure(verb: string, cause?: unknown): EchopipeError {
    const attempt = `Cannot ${verb} ${formatAddress(this.remote)}`;
    const closed = this.#closed;
    if (!closed && this.state !== undefined) this.state.failed = true;
    this.state?.close(); // after a failure the connection cannot be used any more
    if (closed) return new EchopipeError("closed", `${attempt}: the connection is closed`, { cause });
    return systemError(attempt, cause);
  }
}

/** Performs the TLS handshake. The signal aborts it. */
async function secured(conn: Deno.TlsConn, signal: AbortSignal | undefined): Promise<Socket> {
  const socket = new DenoSocket(conn);
  const abort = () => socket.close();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    signal?.throwIfAborted();
    await conn.handshake();
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** Deno's own sockets. */
export const transport: Transport = {
  listen: (options, events) => listenOn(options, events, (conn) => new DenoSocket(conn)),

  async connect({ host = "127.0.0.1", port, tls, signal }: ConnectOptions): Promise<Socket> {
    try {
      const conn = await Deno.connect({ hostname: host, port, signal });
      const socket = new DenoSocket(conn);
      try {
        conn.setNoDelay(true);
        conn.setKeepAlive(true);
      } catch (error) { // the peer has reset the connection already
        socket.close();
        throw error;
      }
      if (!tls) return socket;
      return await secured(await Deno.startTls(conn, { hostname: host, caCerts: tls.ca ? [tls.ca] : [] }), signal);
    } catch (error) {
      if (signal?.aborted && signal.reason instanceof EchopipeError) throw signal.reason;
      throw systemError(`Cannot connect to ${formatAddress({ address: host, port })}`, error);
    }
  },
};
