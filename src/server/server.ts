/**
 * The echo server: wiring of listener, peers, limits, log and drain.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import { noLog, type ServiceLog } from "../service_log.ts";
import { Connection } from "../transport/connection.ts";
import { firstFree } from "../transport/first_free.ts";
import { transport } from "../transport/mod.ts";
import { type Address, formatAddress, type Listener, type ListenEvents, type Socket } from "../transport/socket.ts";
import { openGate } from "./gate.ts";
import { type ServerOptions, serverSettings } from "./options.ts";
import { Peer, type PeerContext } from "./peer.ts";
import { TrafficLog } from "./traffic_log.ts";

/** What is left of a drain after this long is ended at once, in milliseconds. */
const DRAIN_LIMIT_MS = 4000;
/** What has not ended this long after that is waited for no longer, in milliseconds. */
const ABORT_LIMIT_MS = 500;

/** A server that runs. */
export interface Server extends AsyncDisposable {
  /** Where it listens. */
  readonly address: Address;
  /** Resolves when the server has stopped, whoever stopped it; never rejects. */
  readonly stopped: Promise<void>;
  /** How many clients are connected. */
  readonly connections: number;
  /**
   * Stops accepting, lets what was received be echoed, and ends every connection, within 5 s. `reason` goes to the log.
   * Resolves when it is done; calling it again waits for the same.
   */
  stop(reason?: string): Promise<void>;
}

/**
 * Starts the echo server.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect } from "echopipe";
 * import { startServer } from "echopipe/server";
 *
 * await using server = await startServer({ port: 0, framing: "raw" });
 * await using connection = await connect({ port: server.address.port });
 * const writer = connection.writable.getWriter();
 * await writer.write(new TextEncoder().encode("hello"));
 * await writer.close();
 * assert.equal(await new Response(connection.readable).text(), "hello");
 * ```
 *
 * @throws {EchopipeError} `invalid-argument`, `address-in-use`, `address-not-available`, `host-not-found`, `permission`;
 * `damaged` for a file of users that is not one
 */
export async function startServer(options: ServerOptions = {}, log: ServiceLog = noLog): Promise<Server> {
  const settings = serverSettings(options);
  if (settings.tls !== undefined) (await import("./certificate.ts")).checkCertificate(settings.tls);
  const began = performance.now();
  const peers = new Set<Peer>();
  const stopped = Promise.withResolvers<void>();
  let connections = 0;
  let refused = 0;
  let stopping: Promise<void> | undefined;
  let sweep: ReturnType<typeof setInterval> | undefined;

  const gate = await openGate(settings);
  const context: PeerContext = {
    settings,
    gate,
    log,
    trafficLog: new TrafficLog(log),
    stopRequested: (by) => void stop(`stop from ${by}`),
  };

  const accept = (socket: Socket) => {
    if (stopping !== undefined || peers.size >= settings.maxConnections) return refuse(socket);
    let peer: Peer;
    try {
      peer = new Peer(++connections, new Connection(socket), context);
    } catch (error) { // the service has failed for this client: the others are served
      socket.close();
      const name = formatAddress(socket.remote);
      log.record("error", "connection.failed", `Client ${name} cannot be served: ${messageOf(error)}`, { peer: name });
      return;
    }
    peers.add(peer);
    void peer.serve().finally(() => peers.delete(peer));
  };

  const refuse = (socket: Socket) => {
    refused++;
    socket.close();
    const peer = formatAddress(socket.remote);
    const why = stopping ? "the server is stopping" : `${settings.maxConnections} clients are connected, the limit`;
    log.record("warn", "client.refused", `Client ${peer} was closed at once: ${why}`, { peer, refused });
  };

  log.record(
    "info",
    "server.started",
    `Server started: framing ${settings.framing}, portions of ${settings.portion} bytes`,
    {
      framing: settings.framing,
      portion: settings.portion,
    },
  );
  const events: ListenEvents = {
    connection: accept,
    error: (error) => log.record("warn", "accept.failed", messageOf(error)),
  };
  const listener: Listener = await firstFree(
    { address: settings.host, port: settings.port },
    (port) => transport.listen({ host: settings.host, port, tls: settings.tls }, events),
    {
      strict: settings.strictPort,
      taken: (port) => log.record("warn", "port.in_use", `Port ${port} is in use: trying the next`, { port }),
    },
  ).catch(async (error) => {
    await gate[Symbol.asyncDispose]();
    throw error;
  });
  const address = formatAddress(listener.address);
  if (settings.access === "password" && settings.tls === undefined && settings.insecurePlaintext) {
    log.record("warn", "passwords.plaintext", `Passwords travel to ${address} unencrypted: TLS is off`, { address });
  }
  log.record("info", "server.listening", `Server listens on ${address}`, { address });

  if (settings.idleTimeout > 0) {
    const limit = settings.idleTimeout * 1000;
    sweep = setInterval(() => {
      const now = performance.now();
      for (const peer of peers) peer.checkSilence(limit, now);
    }, Math.min(1000, limit / 4));
  }

  /** Ends every connection: when it has drained, or at the limit at once. A handler that never returns is left behind. */
  const endPeers = async () => {
    for (const peer of peers) void peer.drain();
    const since = performance.now();
    for (let aborted = false; peers.size > 0;) {
      const waited = performance.now() - since;
      if (waited > DRAIN_LIMIT_MS + ABORT_LIMIT_MS) break;
      if (waited > DRAIN_LIMIT_MS && !aborted) {
        aborted = true;
        for (const peer of peers) peer.abort("server stopped");
      }
      await new Promise((resume) => setTimeout(resume, 10));
    }
    for (const peer of peers) peer.leaveBehind();
  };

  const drain = async (reason: string) => {
    clearInterval(sweep);
    await listener.close();
    await gate.close();
    await endPeers();
    try {
      await gate[Symbol.asyncDispose]();
    } catch (error) { // the file of users could not be released: the server has stopped all the same
      log.record("error", "users.failed", messageOf(error));
    }
    log.record("info", "server.stopped", `Server stopped: ${reason}`, {
      reason,
      connections,
      duration_ms: Math.round(performance.now() - began),
    });
    stopped.resolve();
  };
  const stop = (reason = "asked to") => stopping ??= drain(reason);

  return {
    address: listener.address,
    stopped: stopped.promise,
    get connections() {
      return peers.size;
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
