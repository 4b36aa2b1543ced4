/**
 * Listening behind a proxy that says whose connections it passes on.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import { parseProxyHeader, type ProxyHeader } from "../framing/proxy_protocol.ts";
import { isDeno } from "../runtime/mod.ts";
import {
  formatAddress,
  type ListenEvents,
  type Socket,
  type TlsServerOptions,
  type Transport,
} from "../runtime/socket.ts";

/** A function that listens. */
export type Listen = Transport["listen"];

/** Limits of connections whose header has not come yet. */
export interface ProxyLimits {
  /** Most connections at a time. */
  readonly maxPending: number;
  /** Time for the header, in milliseconds, and again for a TLS handshake behind it; 0: any. */
  readonly timeout: number;
}

/**
 * Makes a function that listens as `listen` does, where every connection begins with a header of the PROXY protocol: the
 * address of the socket then is that of the client, and its first byte the one behind the header. A connection without one
 * is closed, and reported. The header comes in front of TLS.
 */
export function behindProxy(listen: Listen, limits: ProxyLimits): Listen {
  return async ({ tls, ...options }, events) => {
    if (tls !== undefined && isDeno) {
      throw new EchopipeError(
        "invalid-argument",
        "Cannot use the PROXY protocol with TLS on Deno: TLS starts at the first byte there; " +
          "expected a proxy that ends TLS, or Node",
      );
    }
    const door = new Door(events, limits, tls);
    const listener = await listen(options, door);
    return {
      address: listener.address,
      setCertificate(certificate) {
        if (door.tls !== undefined) door.tls = { ...door.tls, ...certificate };
        return Promise.resolve();
      },
      async close() {
        door.close();
        await listener.close();
      },
      setRef: (ref) => listener.setRef(ref),
    };
  };
}

/** Takes connections of a proxy, and passes on those of its clients. */
class Door implements ListenEvents {
  tls: TlsServerOptions | undefined;
  readonly #events: ListenEvents;
  readonly #limits: ProxyLimits;
  /** Connections that are not passed on yet, and what gives each of them up. */
  readonly #pending = new Map<Socket, (why: EchopipeError) => void>();

  constructor(events: ListenEvents, limits: ProxyLimits, tls: TlsServerOptions | undefined) {
    this.#events = events;
    this.#limits = limits;
    this.tls = tls;
  }

  error(error: unknown): void {
    this.#events.error(error);
  }

  connection(socket: Socket): void {
    void this.#admit(socket).catch((error) => {
      socket.close();
      this.#events.error(error);
    });
  }

  close(): void {
    const why = new EchopipeError("closed", "the server is stopping");
    for (const giveUp of this.#pending.values()) giveUp(why);
  }

  async #admit(socket: Socket): Promise<void> {
    const proxy = formatAddress(socket.remote);
    const failure = (error: unknown) => {
      const { code } = error as EchopipeError;
      return new EchopipeError(code ?? "io", `Cannot accept a connection from ${proxy}: ${messageOf(error)}`, {
        cause: error,
      });
    };
    const { maxPending } = this.#limits;
    if (this.#pending.size >= maxPending) {
      throw failure(new EchopipeError("busy", `${maxPending} connections have sent no PROXY protocol header yet`));
    }
    try {
      const { client } = await this.#within("PROXY protocol header", socket, () => readHeader(socket));
      if (client !== undefined) socket.remote = client;
      if (socket.remote.path === undefined && this.#events.admits?.(socket.remote) === false) return socket.close();
      const { tls } = this;
      if (tls !== undefined) {
        await this.#within("TLS handshake", socket, (signal) => socket.startTls({ ...tls, isServer: true, signal }));
      }
    } catch (error) {
      throw failure(error);
    }
    this.#events.connection(socket);
  }

  /** Waits for a step of a connection, until its time is over or the server stops. */
  async #within<T>(what: string, socket: Socket, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeout } = this.#limits;
    const aborting = new AbortController();
    const ended = Promise.withResolvers<never>();
    const giveUp = (why: EchopipeError) => {
      ended.reject(why);
      aborting.abort(why);
    };
    this.#pending.set(socket, giveUp);
    const timer = timeout > 0
      ? setTimeout(() => giveUp(new EchopipeError("timed-out", `no ${what} for ${timeout / 1000} s`)), timeout)
      : undefined;
    try {
      return await Promise.race([work(aborting.signal), ended.promise]);
    } finally {
      clearTimeout(timer);
      this.#pending.delete(socket);
    }
  }
}

/** Reads the header, and puts back what comes behind it. */
async function readHeader(socket: Socket): Promise<ProxyHeader> {
  let received = new Uint8Array(0);
  while (true) {
    const bytes = await socket.read();
    if (bytes === null) {
      throw new EchopipeError(
        "truncated",
        `Cannot read a PROXY protocol header: the connection ended after ${received.length} bytes`,
      );
    }
    const joined = new Uint8Array(received.length + bytes.length);
    joined.set(received);
    joined.set(bytes, received.length);
    socket.release();
    received = joined;
    const header = parseProxyHeader(received);
    if (header === undefined) continue;
    if (header.length < received.length) socket.unread(received.subarray(header.length));
    return header;
  }
}
