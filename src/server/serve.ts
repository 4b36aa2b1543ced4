/**
 * Servers for any handler of connections.
 *
 * @module
 */
import { checkInteger, EchopipeError, messageOf } from "../errors.ts";
import { printable } from "../printable.ts";
import { formatAddress, type Socket } from "../runtime/socket.ts";
import { noLog, type ServiceLog } from "../service_log.ts";
import { Connection } from "../transport/connection.ts";
import { listenSocket } from "../transport/listen_socket.ts";
import { listenWith } from "./listen.ts";
import type { Certificate } from "./certificate.ts";
import type { ClientHooks } from "./client.ts";
import { Clients } from "./clients.ts";
import { Counters } from "./counters.ts";
import { type LimitOptions, limitsOf } from "./limits.ts";
import { NO_TLS, type RunningServer, runServer } from "./run_server.ts";

/** The options of {@linkcode serve}; each has a default. */
export interface ServeOptions<C extends Connection = Connection> extends LimitOptions, ClientHooks<C> {
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** The port; 0: any free one. Default 0. */
  readonly port?: number;
  /** Path of a Unix socket to listen on, instead of host and port: removed at the end, a stale one is replaced. */
  readonly path?: string;
  /** Moves on to the next free port where the port is in use, instead of failing. Default false. */
  readonly nextFreePort?: boolean;
  /** Certificate chain and private key, both PEM: serve TLS. */
  readonly tls?: Certificate;
  /**
   * Expects a header of the PROXY protocol, version 1 or 2, at the start of each connection, within `headerTimeout`:
   * `connection.remote` is the client's address then. A connection without one is closed, and logged. With `tls` on Node
   * only. Default false.
   */
  readonly proxyProtocol?: boolean;
  /** Takes the service messages. Default: none are kept. */
  readonly log?: ServiceLog;
  /**
   * Called with a handler's failure. Default: one line on standard error that names the peer, unless there is a `log`.
   */
  readonly onError?: (error: unknown, peer: C) => void;
  /**
   * The end of a connection whose handler has failed. `reset`: the peer's read fails, so that half an answer never looks like
   * a whole one. `finish`: what was sent arrives, then the end. Default `reset`. On Deno see {@linkcode Connection.reset}.
   */
  readonly onFailure?: "reset" | "finish";
  /** Stops the server when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Serves connections: accepts them within the limits, gives each to the handler, and ends it when the handler's promise
 * settles, without losing what was sent. A failure of a handler or a peer ends that connection and no other.
 *
 * A stop drains: each connection's `readable` ends once what was received is read, the handler ends with it, what it sent
 * arrives.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, echo, line } from "echopipe";
 * import { serve } from "echopipe/server";
 *
 * await using server = await serve({ port: 0 }, (peer) => {
 *   const { decoder, encoder } = line();
 *   return peer.readable.pipeThrough(decoder).pipeThrough(echo()).pipeThrough(encoder).pipeTo(peer.writable);
 * });
 * await using connection = await connect({ port: server.address.port });
 * await connection.write(new TextEncoder().encode("hello\n"));
 * await connection.endWrite();
 * assert.equal(await new Response(connection.readable).text(), "hello\n");
 * ```
 *
 * @throws {EchopipeError} `invalid-argument`, `address-in-use`, `address-not-available`, `host-not-found`, `permission` or
 * `io`; the signal's reason if it is aborted already
 */
export function serve(
  options: ServeOptions,
  handler: (peer: Connection) => Promise<unknown>,
): Promise<RunningServer> {
  return serveAs((socket) => new Connection(socket), options, handler);
}

/** Serves as {@linkcode serve} does, with connections of a class of one's own: `wrap` makes them. */
export async function serveAs<C extends Connection>(
  wrap: (socket: Socket) => C,
  options: ServeOptions<C>,
  handler: (peer: C) => Promise<unknown>,
): Promise<RunningServer> {
  const { host = "127.0.0.1", path, nextFreePort = false, tls, log = noLog, signal, onFailure = "reset" } = options;
  const { proxyProtocol = false } = options;
  const port = checkInteger("port", options.port ?? 0, 0, 65535);
  const limits = limitsOf(options);
  if (onFailure !== "reset" && onFailure !== "finish") {
    throw new EchopipeError("invalid-argument", `Cannot use onFailure "${onFailure}": expected "reset" or "finish"`);
  }
  if (tls !== undefined) (await import("./certificate.ts")).checkCertificate(tls);
  signal?.throwIfAborted();
  const counters = new Counters();
  const clients = new Clients({
    wrap,
    limits,
    counters,
    log,
    hooks: {
      onOpen: options.onOpen,
      onClose: options.onClose,
      onError: options.onError ?? (log === noLog ? reportError : undefined),
    } as ClientHooks,
    makeSession: ({ connection }) => {
      connection.resetOnFailure = onFailure === "reset"; // a chain that fails ends the connection before its handler does
      return {
        counts: countsOf(connection),
        serve: async () => await handler(connection as C),
        resetsAfter: () => onFailure === "reset",
      };
    },
  });
  const handshakeTimeout = limits.headerTimeout * 1000;
  const listen = await listenWith(listenSocket, { proxyProtocol, limits });
  const server = await runServer({
    host,
    port,
    path,
    nextFreePort,
    listen: (at) => listen({ ...(path === undefined ? at : { path }), tls, handshakeTimeout }, clients),
  }, { clients, counters, log, keepsCertificate: tls === undefined ? NO_TLS : undefined });
  const stop = () => void server.stop("aborted");
  signal?.addEventListener("abort", stop, { once: true });
  void server.stopped.then(() => signal?.removeEventListener("abort", stop));
  return server;
}

/** A handler's chunks are not known: reads and writes are counted. */
function countsOf({ traffic }: Connection) {
  return {
    decoder: {
      get chunks() {
        return traffic.reads;
      },
    },
    encoder: {
      get chunks() {
        return traffic.writes;
      },
    },
  };
}

/** Reports a failure in one line. A peer that has reset its connection is no failure of the handler. */
function reportError(error: unknown, peer: Connection): void {
  if (error instanceof EchopipeError && error.code === "reset") return;
  console.error(printable(`Cannot serve ${formatAddress(peer.remote)}: ${messageOf(error)}`));
}

export type { RunningServer };
