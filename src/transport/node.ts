/**
 * The transport on Node, over node:net and node:tls.
 *
 * `Duplex.toWeb` loses data at half-close and deadlocks on closing first; here data comes by events, and the socket is
 * paused until it is asked for more.
 *
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import { EchopipeError } from "../errors.ts";
import type { Meter } from "./meter.ts";
import type { Address, ConnectOptions, Listener, ListenEvents, ListenOptions, Socket, Transport } from "./socket.ts";
import { BACKLOG, formatAddress } from "./socket.ts";
import { systemError } from "./system_error.ts";

/** Who waits for something. */
interface Waiting<T> {
  resolve(value: T | PromiseLike<T>): void;
  reject(reason: unknown): void;
}

class NodeSocket implements Socket {
  readonly local: Address;
  readonly remote: Address;
  meter: Meter | undefined;
  readonly #socket: net.Socket;
  /** Read, but not yet asked for: beyond {@linkcode AHEAD_MOST} the socket is paused. */
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #closed = false;
  #failed: unknown;
  #reader: Waiting<Uint8Array | null> | undefined;
  /** Who waits until the system has taken what they wrote, the first first. */
  readonly #writers: Waiting<void>[] = [];

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.local = { address: socket.localAddress ?? "", port: socket.localPort ?? 0 };
    this.remote = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    socket.on("data", ({ buffer, byteOffset, byteLength }: Uint8Array) => {
      // Not a Buffer, whose slice is no copy: what stages see is the same on every runtime.
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      if (this.#reader) {
        this.meter?.received(byteLength);
        this.#reader.resolve(bytes);
        this.#reader = undefined;
      } else {
        this.#queue.push(bytes);
        this.#queued += byteLength;
        if (this.#queued > AHEAD_MOST) socket.pause();
      }
    });
    socket.on("end", () => {
      this.#ended = true;
      if (this.#reader) this.meter?.readEnded();
      this.#reader?.resolve(null);
      this.#reader = undefined;
    });
    socket.on("error", (error) => this.#fail(error));
    socket.on(
      "close",
      () => this.#fail(new EchopipeError("closed", `The connection to ${formatAddress(this.remote)} is closed`)),
    );
    socket.pause();
  }

  read(): Promise<Uint8Array | null> {
    if (this.#queue.length > 0) {
      const queued = this.#queue.shift()!;
      this.#queued -= queued.length;
      this.meter?.received(queued.length);
      return Promise.resolve(queued);
    }
    if (this.#ended) {
      this.meter?.readEnded();
      return nothing;
    }
    if (this.#failed !== undefined) return Promise.reject(this.#failure("receive from"));
    if (this.#socket.isPaused()) this.#socket.resume();
    return new Promise(this.#await);
  }

  /** Half the price of `Promise.withResolvers`, once for each read. */
  readonly #await = (resolve: Waiting<Uint8Array | null>["resolve"], reject: (reason: unknown) => void) => {
    this.#reader = { resolve, reject };
  };

  /** Node reads into memory of its own each time: there is none to take back. */
  release(): void {}

  write(bytes: Uint8Array): Promise<void> {
    if (this.#failed !== undefined || this.#closed) return Promise.reject(this.#failure("send to"));
    if (bytes.length === 0) return done;
    this.#socket.write(bytes);
    this.meter?.sent(bytes.length);
    // Mostly the system takes all of it at once. Before it has, the bytes must not change: the caller waits until an
    // empty write behind them is done.
    if (this.#socket.writableLength === 0) return done;
    const taken = new Promise<void>((resolve, reject) => this.#writers.push({ resolve, reject }));
    this.#socket.write(empty, this.#onTaken);
    return taken;
  }

  readonly #onTaken = (error?: Error | null) => {
    if (!error) this.#writers.shift()?.resolve(); // a failure is an event of its own
  };

  endWrite(): Promise<void> {
    if (this.#failed !== undefined || this.#closed) return done;
    return new Promise((resolve) => {
      this.#socket.once("close", resolve);
      this.#socket.end(() => resolve());
    });
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #fail(error: unknown): void {
    this.#failed ??= error;
    const closed = this.#closed;
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(this.#failure("receive from", closed));
    // For the same reason, though the first has closed it by now.
    for (const writer of this.#writers.splice(0)) writer.reject(this.#failure("send to", closed));
  }

  #failure(verb: string, closed = this.#closed): EchopipeError {
    const attempt = `Cannot ${verb} ${formatAddress(this.remote)}`;
    this.meter?.close(); // a connection that failed once is of no more use
    if (closed) return new EchopipeError("closed", `${attempt}: the connection is closed`);
    return systemError(attempt, this.#failed);
  }
}

/** How far the system is read ahead of the consumer, in bytes: pausing costs more than a read. */
const AHEAD_MOST = 128 * 1024;
const empty = new Uint8Array(0);
const done = Promise.resolve();
const nothing = Promise.resolve(null);
/** A client that takes longer for its TLS handshake is dropped, in milliseconds. */
const HANDSHAKE_MS = 10_000;
/** Known to `tls.connect`, missing in its types. */
const halfOpen = { allowHalfOpen: true };

/** Node's sockets. */
export const transport: Transport = {
  listen(options: ListenOptions, events: ListenEvents): Promise<Listener> {
    const { host = "127.0.0.1", port = 0, tls: secure, reusePort = false } = options;
    const accept = (socket: net.Socket) => events.connection(new NodeSocket(socket));
    const server = secure
      ? tls.createServer({ ...secure, allowHalfOpen: true, noDelay: true, handshakeTimeout: HANDSHAKE_MS }, accept)
      : net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, accept);
    server.on("tlsClientError", (error) => events.error(systemError("Cannot accept a TLS connection", error)));
    return new Promise((resolve, reject) => {
      const attempt = `Cannot listen on ${formatAddress({ address: host, port })}`;
      server.once("error", (error) => reject(systemError(attempt, error)));
      server.listen({ host, port, reusePort, backlog: BACKLOG }, () => {
        server.removeAllListeners("error");
        server.on("error", (error) => events.error(systemError("Cannot accept a connection", error)));
        const { address, port } = server.address() as net.AddressInfo;
        resolve({
          address: { address, port },
          close() {
            // Its callback waits for the connections too, which live on: only accepting ends here.
            if (server.listening) server.close();
            return done;
          },
        });
      });
    });
  },

  connect({ host = "127.0.0.1", port, tls: secure, signal }: ConnectOptions): Promise<Socket> {
    return new Promise((resolve, reject) => {
      let socket: net.Socket;
      try {
        socket = secure
          ? tls.connect({ host, port, ca: secure.ca, servername: net.isIP(host) ? undefined : host, ...halfOpen })
          : net.connect({ host, port, allowHalfOpen: true });
      } catch (error) { // an authority that looks like PEM, and is none
        return reject(systemError(`Cannot connect to ${formatAddress({ address: host, port })}`, error));
      }
      socket.setNoDelay(true);
      const settle = () => {
        socket.removeListener("error", fail);
        signal?.removeEventListener("abort", abort);
      };
      const fail = (error: unknown) => {
        settle();
        socket.on("error", () => {}); // one failure may be followed by others: this one is reported
        socket.destroy();
        reject(systemError(`Cannot connect to ${formatAddress({ address: host, port })}`, error));
      };
      const abort = () => fail(signal?.reason);
      socket.once("error", fail);
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      socket.once(secure ? "secureConnect" : "connect", () => {
        settle();
        resolve(new NodeSocket(socket));
      });
    });
  },
};
