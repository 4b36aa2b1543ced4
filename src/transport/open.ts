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

/** A listener that closes with its scope. */
export interface OpenListener extends AsyncDisposable {
  /** Where it listens. */
  readonly address: Address;
  /** Stops accepting. Connections that were accepted live on. */
  close(): Promise<void>;
}

/** The options of {@linkcode listen}. */
export interface ListenerOptions extends ListenOptions {
  /** Told of what went wrong: a peer's failure, an accept that did not succeed. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Listens, and gives each connection to `serve`. A peer's failure ends that peer's connection and no other: it goes to
 * `onError`. When `serve` is done the connection is finished, without losing what was sent: return, or await, the promise
 * of all that it does.
 *
 * @throws {EchopipeError} `address-in-use`, `address-not-available`, `host-not-found`, `permission` or `io`
 */
export async function listen(
  { onError = console.error, ...options }: ListenerOptions,
  serve: (connection: Connection) => void | Promise<void>,
): Promise<OpenListener> {
  if (options.port !== undefined) checkInteger("port", options.port, 0, 65535);
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
  return {
    address: listener.address,
    close: () => listener.close(),
    [Symbol.asyncDispose]: () => listener.close(),
  };
}

/**
 * Connects to a server.
 *
 * @throws {EchopipeError} `connection-refused`, `host-not-found`, `unreachable`, `timed-out`, `permission`, `tls` or `io`;
 * `invalid-argument` for a port out of its range or an authority that is not PEM
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  return new Connection(await connectSocket(options));
}

/** Connects as {@linkcode connect} does, for a connection of a class of one's own. */
export async function connectSocket(options: ConnectOptions): Promise<Socket> {
  const { host = "127.0.0.1", port, tls, signal } = options;
  checkInteger("port", port, 0, 65535);
  if (tls?.ca !== undefined && !tls.ca.includes("-----BEGIN CERTIFICATE-----")) {
    // The runtimes take it for a list of none, and then trust nobody.
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
