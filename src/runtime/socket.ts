/**
 * Sockets: the contract behind {@linkcode Connection}, implemented once for each runtime.
 *
 * @module
 */

import type { ByteListener, Subscription } from "../pipe/bytes.ts";
import type { SocketState } from "./socket_state.ts";

/** The address of one end of a connection: IP address and port, or the path of a Unix socket. */
export interface Address {
  /** The IP address, IPv6 without brackets; `unix` for a Unix socket. */
  readonly address: string;
  /** The port, 0 to 65,535; 0 for a Unix socket. */
  readonly port: number;
  /** The path of a Unix socket; empty at the end of a client, which has none. */
  readonly path?: string;
}

/** The address of a Unix socket. */
export function unixAddress(path: string | undefined): Address {
  return { address: "unix", port: 0, path: path ?? "" };
}

/** Backlog of a listener: pending connections up to this number are not rejected when many arrive at once. */
export const BACKLOG = 4096;

/** Formats an address as `ADDRESS:PORT`, with IPv6 in brackets, or as `unix:PATH`. */
export function formatAddress({ address, port, path }: Address): string {
  if (path !== undefined) return `unix:${path === "" ? "(unnamed)" : path}`;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * A connected socket. Its two directions are independent: after the peer's end of stream it can still send.
 *
 * Failures are {@linkcode EchopipeError}s: `reset`, `closed`, `timed-out` or `io`.
 */
export interface Socket {
  /** Address of this end. */
  readonly local: Address;
  /** Address of the peer; where a proxy passed the connection on and said so, that of its client. */
  remote: Address;
  /** Receives the socket's reports of traffic, ends and failures, once it is set. */
  state: SocketState | undefined;
  /** Bytes that the system has accepted for sending so far, those of a write under way included. */
  readonly accepted: number;
  /** Bytes given to `write` that the system has not accepted yet. */
  readonly unsent: number;
  /** True during the TLS handshake, where the runtime passes on the socket before it. */
  readonly handshaking?: boolean;
  /**
   * Reads the next bytes, at least one; null at the peer's end of stream. They belong to the caller until it calls
   * {@linkcode Socket.release}. One read at a time.
   */
  read(): Promise<Uint8Array | null>;
  /**
   * Calls a listener with the bytes that reads would return, without a promise for each: see {@linkcode ByteSource}.
   * Only runtimes that deliver bytes as events have it.
   */
  subscribe?(listener: ByteListener): Subscription;
  /** Puts bytes back, in front of the next read: they belong to the socket. Nothing may be pending. */
  unread(bytes: Uint8Array): void;
  /** A read or a subscription is pending. */
  readonly busy: boolean;
  /** Releases the buffer of the last read: its bytes must not be used any more. */
  release(): void;
  /**
   * Sends all of the bytes; resolves when the system has accepted them, which is backpressure. Until then they must not
   * change. Overlapping writes are sent in order, and each resolves by itself.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the sending direction (FIN), after what was written. */
  endWrite(): Promise<void>;
  /** Closes both directions at once. Pending calls fail with `closed`. Never throws. */
  close(): void;
  /**
   * Closes both directions at once, as {@linkcode Socket.close} does, so that the peer sees a failure instead of the end
   * of the stream, as far as the runtime can: see {@linkcode Connection.reset}.
   */
  reset(): void;
  /**
   * Goes on over TLS, from the next byte on. No write may be pending, and on Deno no read: it fails with `in-use`. On Node
   * a pending read goes on over TLS. Fails with `tls`, `timed-out`, `reset` or `invalid-argument`; the socket is then closed.
   */
  startTls(options: StartTlsOptions): Promise<void>;
  /** The state of TLS; undefined without TLS. */
  readonly tls: TlsState | undefined;
  /** Lets the process wait for this socket, which is the default, or end without it. */
  setRef(ref: boolean): void;
}

/** The facts of a TLS connection. */
export interface TlsState {
  /** The protocol that both ends agreed on (RFC 7301); undefined: none. */
  readonly alpn: string | undefined;
  /** The peer's certificate in PEM. Undefined if it has sent none, and on Deno, which does not tell it. */
  readonly peerCertificate: string | undefined;
}

/** Options of sockets over TCP. */
export interface TcpOptions {
  /** Sends small writes at once, instead of waiting to join them (Nagle's algorithm, RFC 1122, 4.2.3.4). Default true. */
  readonly noDelay?: boolean;
  /** Lets the system detect peers that are gone (RFC 1122, 4.2.3.6), after 2 hours on most systems. Default true. */
  readonly keepAlive?: boolean;
}

/** Options of TLS at the end that serves. */
export interface TlsServerOptions {
  /** Certificate chain, in PEM. */
  readonly cert: string;
  /** Private key of the certificate, in PEM. */
  readonly key: string;
  /** Protocols to agree on, the preferred first (RFC 7301). Default none. */
  readonly alpn?: readonly string[];
  /** Requires a certificate of each client, signed by one of these authorities, in PEM. Node only. Default: none is asked for. */
  readonly clientCa?: string;
}

/** Options of TLS at the end that connects. */
export interface TlsClientOptions {
  /**
   * Certificates of the authorities to trust, in PEM; on Node instead of those that it has, on Deno besides them, unless
   * it was started with `DENO_TLS_CA_STORE=`. Default: those of the system.
   */
  readonly ca?: string;
  /** The name that the certificate has to be for, which is also sent to the server (RFC 6066, 3). Default: the host. */
  readonly servername?: string;
  /** Protocols to agree on, the preferred first (RFC 7301). Default none. */
  readonly alpn?: readonly string[];
  /** Certificate chain of this client, in PEM. Default none. */
  readonly cert?: string;
  /** Private key of this client's certificate, in PEM. */
  readonly key?: string;
}

/** Options of going on over TLS: those of one of the two ends, and a signal that gives it up. */
export type StartTlsOptions =
  & { readonly signal?: AbortSignal }
  & (({ readonly isServer: true } & TlsServerOptions) | ({ readonly isServer?: false } & TlsClientOptions));

/** Options of listening. */
export interface ListenOptions extends TcpOptions {
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** The port; 0: any free one. Default 0. */
  readonly port?: number;
  /** Path of a Unix socket to listen on, instead of host and port. A socket that nobody listens on is replaced. */
  readonly path?: string;
  /** Serves TLS. */
  readonly tls?: TlsServerOptions;
  /** Limit of connections that wait to be accepted; the system may lower it. Default 4096. */
  readonly backlog?: number;
  /** Time limit of a client's TLS handshake on Node, in milliseconds; 0: none. Default 30,000. */
  readonly handshakeTimeout?: number;
  /** True: several listeners, each in a worker of its own, can share the port. Default false. */
  readonly reusePort?: boolean;
}

/** Callbacks of a listener. */
export interface ListenEvents {
  /**
   * Called for each accepted connection, before a TLS handshake; false: it is closed at once. Must not throw. `pending`:
   * the number of connections at their handshake, which `connection` was not called for yet; Deno has none such.
   */
  admits?(remote: Address, pending?: number): boolean;
  /** Called for each accepted connection. Must not throw. */
  connection(socket: Socket): void;
  /** Called when accepting failed, for example because file descriptors ran out. Accepting goes on by itself. */
  error(error: unknown): void;
}

/** A listening socket. */
export interface Listener {
  /** The address that it listens on. */
  readonly address: Address;
  /**
   * Uses another certificate for connections that are accepted from now on; only where it serves TLS. Deno listens anew for
   * it: clients that connect right then are refused or reset. Rejects where the port cannot be listened on any more.
   */
  setCertificate(tls: { readonly cert: string; readonly key: string }): Promise<void>;
  /** Stops accepting. Accepted connections stay open. */
  close(): Promise<void>;
  /** Lets the process wait for this listener, which is the default, or end without it. */
  setRef(ref: boolean): void;
}

/** Options of connecting: `port`, or `path`. */
export interface ConnectOptions extends TcpOptions {
  /** Host name or address of the server. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port of the server. */
  readonly port?: number;
  /** Path of the server's Unix socket, instead of host and port. */
  readonly path?: string;
  /** Tries addresses of this family only. Default: both. */
  readonly family?: 4 | 6;
  /** Connects over TLS. */
  readonly tls?: TlsClientOptions;
  /** Gives the attempt up: it fails with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Time for the whole attempt, TLS included, in milliseconds. Default: as long as the system tries. */
  readonly timeout?: number;
}

/** An attempt to connect to one address. */
export interface ConnectAttempt extends Required<TcpOptions> {
  readonly at: Address;
  readonly signal: AbortSignal | undefined;
}

/** Sockets of a runtime. */
export interface Transport {
  /** Listens. Fails with `address-in-use`, `address-not-available`, `host-not-found`, `permission` or `io`. */
  listen(options: ListenOptions, events: ListenEvents): Promise<Listener>;
  /** Connects. Fails with `connection-refused`, `host-not-found`, `unreachable`, `timed-out`, `permission` or `io`. */
  connect(attempt: ConnectAttempt): Promise<Socket>;
  /** Wraps a connection of the runtime's own. Fails with `invalid-argument` for anything else. */
  adopt(connection: unknown): Socket;
}
