/**
 * What a runtime has to offer: the one contract behind {@linkcode Connection}. One small file for each runtime meets it.
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

/** How many peers may wait to be accepted: a crowd that comes at once is not sent away to try again in a second. */
export const BACKLOG = 4096;

/** `ADDRESS:PORT`, IPv6 in brackets. */
export function formatAddress({ address, port }: Address): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * A connected socket. Its two directions are independent: the peer's end of stream does not end what is sent to it.
 *
 * Failures are {@linkcode EchopipeError}s: `reset`, `closed`, `timed-out` or `io`.
 */
export interface Socket {
  /** This end. */
  readonly local: Address;
  /** The peer's end. */
  readonly remote: Address;
  /** The state that the socket reports to, once it is set: what passes, ends and failures. */
  state: SocketState | undefined;
  /**
   * The next bytes, at least one; null at the peer's end of stream. They are the caller's to keep, unless it calls
   * {@linkcode Socket.release}. One read at a time.
   */
  read(): Promise<Uint8Array | null>;
  /**
   * Only where bytes come as events: gives a listener what reads would bring, with no promise for each. Nothing is given
   * before `subscribe` has returned, and while what the listener returned is pending. Nobody reads meanwhile.
   */
  subscribe?(listener: ByteListener): Subscription;
  /** The bytes last read are no longer looked at: their memory may take the next. */
  release(): void;
  /**
   * Sends all of the bytes; resolves when the system has taken them: that is backpressure. Until then they must stay as
   * they are. Writes that overlap are sent in order; each resolves on its own.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the sending direction (FIN), after what was written. */
  endWrite(): Promise<void>;
  /** Closes both directions at once. Pending calls fail with `closed`. Never throws. */
  close(): void;
}

/** What a listener is told. */
export interface ListenOptions {
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** The port; 0: any free one. Default 0. */
  readonly port?: number;
  /** Certificate chain and private key, both PEM: serve TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Lets several listeners, each in a worker of its own, share the port. Default false. */
  readonly reusePort?: boolean;
}

/** What becomes of a listener's events. */
export interface ListenEvents {
  /** A peer connected. Must not throw. */
  connection(socket: Socket): void;
  /** Accepting failed, for example for want of file descriptors; it goes on by itself. */
  error(error: unknown): void;
}

/** A listening socket. */
export interface Listener {
  /** Where it listens. */
  readonly address: Address;
  /** Stops accepting. Connections that were accepted live on. */
  close(): Promise<void>;
}

/** What a connector is told. */
export interface ConnectOptions {
  /** Name or address of the server. Default `127.0.0.1`. */
  readonly host?: string;
  /** Its port. */
  readonly port: number;
  /** Speak TLS; `ca`: the certificates to trust instead of the system's, PEM. */
  readonly tls?: { readonly ca?: string };
  /** Gives up: the attempt fails with `timed-out`, or with the signal's reason if that is an EchopipeError. */
  readonly signal?: AbortSignal;
}

/** What each runtime implements. */
export interface Transport {
  /** Listens. Fails with `address-in-use`, `address-not-available`, `host-not-found`, `permission` or `io`. */
  listen(options: ListenOptions, events: ListenEvents): Promise<Listener>;
  /** Connects. Fails with `connection-refused`, `host-not-found`, `unreachable`, `timed-out`, `permission` or `io`. */
  connect(options: ConnectOptions): Promise<Socket>;
}
