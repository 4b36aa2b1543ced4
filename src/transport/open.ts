/**
 * Listening and connecting.
 *
 * @module
 */
import { Connection } from "./connection.ts";
import { transport } from "../runtime/mod.ts";
import type { Address, ConnectOptions, ListenOptions } from "../runtime/socket.ts";
import { connectSocket } from "./connect_socket.ts";
import { listenSocket } from "./listen_socket.ts";

/** A listener that is closed at the end of its scope. */
export interface OpenListener extends AsyncDisposable {
  /** The address that it listens on. */
  readonly address: Address;
  /** Stops accepting. Accepted connections stay open. */
  close(): Promise<void>;
  /** Lets the process wait for the listener: the default. */
  ref(): void;
  /** Lets the process end although the listener is open. */
  unref(): void;
}

/** Options of {@linkcode listen}. */
export interface ListenerOptions extends ListenOptions {
  /** Called with each failure of a connection's handler or of accepting. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
  /** Stops accepting when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Listens, and calls `serve` for each connection. If `serve` fails, the error goes to `onError`, and only that
 * connection ends. When `serve` returns, or the promise that it returned settles, the connection is ended without
 * losing sent bytes.
 *
 * @throws {EchopipeError} `address-in-use`, `address-not-available`, `host-not-found`, `permission` or `io`
 */
export async function listen(
  { onError = console.error, signal, ...options }: ListenerOptions,
  serve: (connection: Connection) => void | Promise<void>,
): Promise<OpenListener> {
  signal?.throwIfAborted();
  const attend = async (connection: Connection) => {
    try {
      await serve(connection);
    } catch (error) {
      onError(error);
    } finally {
      await connection[Symbol.asyncDispose]();
    }
  };
  const listener = await listenSocket(options, {
    connection: (socket) => void attend(new Connection(socket)),
    error: onError,
  });
  const close = async () => {
    signal?.removeEventListener("abort", close);
    await listener.close();
  };
  if (signal?.aborted) await close();
  else signal?.addEventListener("abort", close);
  return {
    address: listener.address,
    close,
    ref: () => listener.setRef(true),
    unref: () => listener.setRef(false),
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Connects to a server: to the first address of the host that answers (Happy Eyeballs, RFC 8305), or to a Unix socket.
 *
 * @throws {EchopipeError} `connection-refused`, `host-not-found`, `unreachable`, `timed-out`, `permission`, `tls` or
 * `io`; `invalid-argument` for an option that is unknown, out of its range or not for this call; the signal's reason if
 * it is aborted
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  return new Connection(await connectSocket(options));
}

/**
 * Makes a {@linkcode Connection} of a connected socket of the runtime: a `Deno.Conn` on Deno, a `net.Socket` or
 * `tls.TLSSocket` on Node. Nothing else may use it from then on.
 *
 * @throws {EchopipeError} `invalid-argument` for anything else
 */
export async function adopt(connection: unknown): Promise<Connection> {
  return new Connection((await transport()).adopt(connection));
}
