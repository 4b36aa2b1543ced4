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
import { addressOf, connectTo, type DenoConn, secure } from "./connect.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { Address, ConnectAttempt, Socket, StartTlsOptions, TlsState, Transport } from "../socket.ts";
import { formatAddress } from "../socket.ts";
import { listenOn } from "./listen.ts";
import { ReadScheduler } from "./read_scheduler.ts";
import { resetConn } from "./reset.ts";
import { ReadTurns } from "../read_turns.ts";
import { adopted } from "./refusals.ts";
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
  remote: Address;
  state: SocketState | undefined;
  tls: TlsState | undefined;
  #conn: DenoConn;
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
  /** Bytes that were put back. */
  #unread: Uint8Array | undefined;
  /** The next read has to wait for its turn. */
  #turnOver = false;

  constructor(conn: DenoConn) {
    this.#conn = conn;
    if ("handshake" in conn) this.tls = { alpn: undefined, peerCertificate: undefined };
    this.local = addressOf(conn.localAddr);
    this.remote = addressOf(conn.remoteAddr);
  }

  get unsent(): number {
    return this.#handed - this.accepted;
  }

  /** Begins the TLS handshake with a client; reads and writes wait for it, and report its failure. */
  shakeHands(conn: Deno.TlsConn): void {
    this.handshaking = true;
    const over = (alpn?: string) => {
      this.handshaking = false;
      this.tls = { alpn, peerCertificate: undefined };
    };
    conn.handshake().then(({ alpnProtocol }) => over(alpnProtocol ?? undefined), () => over());
  }

  // Callbacks, not `async`: a suspended function would cost several objects for each pending read and each write.
  read(): Promise<Uint8Array | null> {
    if (this.#unread !== undefined) return this.#readAgain();
    if (this.#turnOver || scheduler.crowded) return this.#reading = new Promise(this.#wait);
    return this.#read();
  }

  unread(bytes: Uint8Array): void {
    this.#unread = bytes;
  }

  #readAgain(): Promise<Uint8Array> {
    const bytes = this.#unread!;
    this.#unread = undefined;
    this.state?.received(bytes.length);
    return Promise.resolve(bytes);
  }

  readonly #wait = (resolve: (read: Promise<Uint8Array | null>) => void, reject: (reason: unknown) => void): void => {
    if (this.state !== undefined) this.state.reading = false; // a silent peer may have sent something
    const begin = () => {
      if (this.state !== undefined) this.state.reading = true;
      try {
        if (this.#closed) throw this.#failure("receive from");
        resolve(this.#read());
      } catch (error) { // closed, or out of memory
        this.#reading = undefined;
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

  get busy(): boolean {
    return this.#reading !== undefined;
  }

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

  async startTls(options: StartTlsOptions): Promise<void> {
    if (this.busy) {
      const message = `Cannot start TLS with ${
        formatAddress(this.remote)
      }: it is read ahead, which Deno cannot give up`;
      throw new EchopipeError("in-use", message);
    }
    try {
      const { conn, alpn } = await secure(this.#conn, options, this.remote.address);
      this.#conn = conn;
      this.tls = { alpn, peerCertificate: undefined };
    } catch (error) {
      this.#closed = true; // it is closed already
      this.state?.close();
      if (options.signal?.aborted) throw options.signal.reason;
      throw systemError(`Cannot start TLS with ${formatAddress(this.remote)}`, error);
    }
  }

  setRef(ref: boolean): void {
    if (ref) this.#conn.ref();
    else this.#conn.unref();
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

/** Deno's own sockets. */
export const transport: Transport = {
  listen: (options, events) => listenOn(options, events, (conn) => new DenoSocket(conn)),

  async connect(attempt: ConnectAttempt): Promise<Socket> {
    return new DenoSocket(await connectTo(attempt));
  },

  adopt(connection: unknown): Socket {
    return new DenoSocket(adopted(connection));
  },
};
