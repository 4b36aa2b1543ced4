/**
 * Sockets on Node: turns events into reads and writes.
 *
 * `Duplex.toWeb` loses data at half-close, and deadlocks when this end closes first. Here data is received by events,
 * and the socket is paused while too much was read ahead.
 *
 * @module
 */
import type net from "node:net";
import { EchopipeError } from "../../errors.ts";
import { type ByteListener, type Subscription, taken } from "../../pipe/bytes.ts";
import type { SocketState } from "../socket_state.ts";
import { NodeIncoming, type Waiting } from "./incoming.ts";
import { type Address, formatAddress, type Socket, type StartTlsOptions, type TlsState } from "../socket.ts";
import { systemError } from "../system_error.ts";
import { resetTls, secure, stateOf } from "./tls.ts";

const empty = new Uint8Array(0);

/** A connected Node socket, plain or TLS. */
export class NodeSocket implements Socket {
  readonly local: Address;
  remote: Address;
  state: SocketState | undefined;
  tls: TlsState | undefined;
  #socket: net.Socket;
  /** The TCP socket: that below TLS, or the same. */
  readonly #tcp: net.Socket;
  #incoming: NodeIncoming;
  #closed = false;
  #failed: unknown;
  #handed = 0;
  /** Writes that wait until the system has accepted their bytes, in order. */
  readonly #writers: Waiting<void>[] = [];

  /**
   * Wraps a connected socket, and pauses it. `ends`: its addresses, where the socket does not know them. `tcp`: the socket
   * below, if it speaks TLS.
   */
  constructor(socket: net.Socket, ends: { local?: Address; remote?: Address } = {}, tcp: net.Socket = socket) {
    const { local = { address: "", port: 0 }, remote = local } = ends;
    this.#socket = socket;
    this.#tcp = tcp;
    this.local = local.path !== undefined
      ? local
      : { address: socket.localAddress ?? local.address, port: socket.localPort ?? local.port };
    // A socket that was reset already has no address any more.
    this.remote = remote.path !== undefined
      ? remote
      : { address: socket.remoteAddress ?? remote.address, port: socket.remotePort ?? remote.port };
    this.#incoming = this.#attach(socket);
  }

  #attach(socket: net.Socket): NodeIncoming {
    this.tls = stateOf(socket);
    socket.on("error", this.#onError);
    socket.on("close", this.#onClose);
    return new NodeIncoming(socket, this);
  }

  readonly #onError = (error: unknown) => {
    if (this.state !== undefined) this.state.failed = true;
    this.#fail(error);
  };
  readonly #onClose = () =>
    this.#fail(new EchopipeError("closed", `The connection to ${formatAddress(this.remote)} is closed`));

  async startTls(options: StartTlsOptions): Promise<void> {
    const pending = this.#incoming.detach();
    this.#socket.off("error", this.#onError).off("close", this.#onClose);
    try {
      this.#socket = await secure(this.#socket, options, this.remote.address);
      this.#incoming = this.#attach(this.#socket);
      if (pending !== undefined) void this.#incoming.read().then(pending.resolve, pending.reject);
    } catch (error) {
      this.state?.close();
      const failure = systemError(`Cannot start TLS with ${formatAddress(this.remote)}`, error);
      pending?.reject(failure);
      throw options.signal?.aborted ? options.signal.reason : failure;
    }
  }

  setRef(ref: boolean): void {
    if (ref) this.#tcp.ref();
    else this.#tcp.unref();
  }

  get accepted(): number {
    return this.#handed - this.unsent;
  }

  get unsent(): number {
    const { writableLength } = this.#socket;
    // Node counts a write until all of it is accepted. The rest of a single one is known to its handle.
    if (writableLength === 0 || this.#writers.length > 1) return writableLength;
    const handle = (this.#socket as { _handle?: { writeQueueSize?: number } | null })._handle;
    return Math.min(handle?.writeQueueSize || writableLength, writableLength);
  }

  read(): Promise<Uint8Array | null> {
    return this.#incoming.read();
  }

  subscribe(listener: ByteListener): Subscription {
    return this.#incoming.subscribe(listener);
  }

  unread(bytes: Uint8Array): void {
    this.#incoming.unread(bytes);
  }

  get busy(): boolean {
    return this.#incoming.busy;
  }

  release(): void {
    this.#incoming.release();
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#failed !== undefined || this.#closed) return Promise.reject(this.failure("send to"));
    if (bytes.length === 0) return taken;
    this.#handed += bytes.length;
    this.#socket.write(bytes);
    this.state?.sent(bytes.length);
    // Mostly the system accepts all bytes at once. If not, they must not change yet: the caller waits for an empty
    // write after them.
    if (this.#socket.writableLength === 0) return taken;
    const written = new Promise<void>((resolve, reject) => this.#writers.push({ resolve, reject }));
    this.#socket.write(empty, this.#onTaken);
    return written;
  }

  readonly #onTaken = (error?: Error | null) => {
    if (!error) this.#writers.shift()?.resolve(); // a failure is an event of its own
  };

  endWrite(): Promise<void> {
    if (this.#failed !== undefined || this.#closed) return taken;
    return new Promise((resolve) => {
      this.#socket.once("close", resolve);
      this.#socket.end(() => resolve());
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
  }

  reset(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.local.path !== undefined) this.#socket.destroy();
    else if (this.#socket === this.#tcp) this.#tcp.resetAndDestroy();
    else resetTls(this.#socket, this.#tcp);
  }

  #fail(error: unknown): void {
    this.#failed ??= error;
    const closed = this.#closed;
    this.#incoming.fail(closed);
    // With the same reason as the read, although that has closed the socket by now.
    for (const writer of this.#writers.splice(0)) writer.reject(this.failure("send to", closed));
  }

  /** Makes the error of a failed receive or send, and closes the connection. */
  failure(verb: string, closed: boolean = this.#closed): EchopipeError {
    const attempt = `Cannot ${verb} ${formatAddress(this.remote)}`;
    this.state?.close();
    if (closed) return new EchopipeError("closed", `${attempt}: the connection is closed`);
    return systemError(attempt, this.#failed);
  }
}
