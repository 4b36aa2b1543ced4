/**
 * Sockets: the contract behind {@linkcode Connection}, implemented once for each runtime.
 *
 * @module
 */

import type { ByteListener, Subscription } from "../pipe/bytes.ts";
import type { SocketState } from "./socket_state.ts";

/** An address and port. */
export interface Address {
  /** The IP address, IPv6 without brackets. */
  readonly address: string;
  /** The port, 0 to 65,535. */
  readonly port: number;
}

/** Backlog of a listener: pending connections up to this number are not rejected when many arrive at once. */
export const BACKLOG = 4096;

/** Formats an address as `ADDRESS:PORT`, with IPv6 in brackets. */
export function formatAddress({ address, port }: Address): string {
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
  /** Address of the peer. */
  readonly remote: Address;
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
}

/** Options of listening. */
export interface ListenOptions {
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** The port; 0: any free one. Default 0. */
  readonly port?: number;
  /** Serves TLS with this certificate chain and private key, both in PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Time limit of a client's TLS handshake on Node, in milliseconds; 0: none. Default 30,000. */
  readonly handshakeTimeout?: number;
  /** True: several listeners, each in a worker of its own, can share the port. Default false. */
  readonly reusePort?: boolean;
}

/** Callbacks of a listener. */
export interface ListenEvents {
  /** Called for each accepted connection, before a TLS handshake; false: it is closed at once. Must not throw. */
  admits?(remote: Address): boolean;
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
}

/** Options of connecting. */
export interface ConnectOptions {
  /** Host name or address of the server. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port of the server. */
  readonly port: number;
  /**
   * Connects over TLS. `ca`: certificates of the authorities to trust, in PEM; on Node instead of those that it has, on
   * Deno besides them, unless it was started with `DENO_TLS_CA_STORE=`.
   */
  readonly tls?: { readonly ca?: string };
  /** Aborts the attempt: it fails with `timed-out`, or with the signal's reason if that is an EchopipeError. */
  readonly signal?: AbortSignal;
}

/** Sockets of a runtime. */
export interface Transport {
  /** Listens. Fails with `address-in-use`, `address-not-available`, `host-not-found`, `permission` or `io`. */
  listen(options: ListenOptions, events: ListenEvents): Promise<Listener>;
  /** Connects. Fails with `connection-refused`, `host-not-found`, `unreachable`, `timed-out`, `permission` or `io`. */
  connect(options: ConnectOptions): Promise<Socket>;
}
