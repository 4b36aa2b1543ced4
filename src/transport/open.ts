/**
 * Listening and connecting.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { transport } from "../runtime/mod.ts";
import {
  type Address,
  type ConnectOptions,
  formatAddress,
  type ListenOptions,
  type Socket,
} from "../runtime/socket.ts";

/** A listener that is closed at the end of its scope. */
export interface OpenListener extends AsyncDisposable {
  /** The address that it listens on. */
  readonly address: Address;
  /** Stops accepting. Accepted connections stay open. */
  close(): Promise<void>;
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
  if (options.port !== undefined) checkInteger("port", options.port, 0, 65535);
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
  const listener = await (await transport()).listen(options, {
    connection: (socket) => void attend(new Connection(socket)),
    error: onError,
  });
  const close = async () => {
    signal?.removeEventListener("abort", close);
    await listener.close();
  };
  if (signal?.aborted) await close();
  else signal?.addEventListener("abort", close);
  return { address: listener.address, close, [Symbol.asyncDispose]: close };
}

/**
 * Connects to a server.
 *
 * @throws {EchopipeError} `connection-refused`, `host-not-found`, `unreachable`, `timed-out`, `permission`, `tls` or
 * `io`; `invalid-argument` for a port out of its range or an authority that is not PEM
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  return new Connection(await connectSocket(options));
}

/** Connects as {@linkcode connect} does, for a subclass of {@linkcode Connection}. */
export async function connectSocket(options: ConnectOptions): Promise<Socket> {
  const { host = "127.0.0.1", port, tls, signal } = options;
  checkInteger("port", port, 0, 65535);
  if (tls?.ca !== undefined && !tls.ca.includes("-----BEGIN CERTIFICATE-----")) {
    // The runtimes would read it as an empty list, and trust no certificate.
    throw new EchopipeError(
      "invalid-argument",
      "Cannot trust the authority that is given: it is no certificate in PEM",
    );
  }
  try {
    return await (await transport()).connect(options);
  } catch (cause) {
    if (!signal?.aborted || signal.reason instanceof EchopipeError) throw cause;
    const address = formatAddress({ address: host, port });
    throw new EchopipeError("timed-out", `Cannot connect to ${address}: no answer before it was given up`, { cause });
  }
}
