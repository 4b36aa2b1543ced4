/**
 * The echo server.
 *
 * @module
 */
import { openGate } from "../access/gate.ts";
import type { EchopipeError } from "../errors.ts";
import { transport } from "../runtime/mod.ts";
import { type Address, formatAddress } from "../runtime/socket.ts";
import { listenSocket } from "../transport/listen_socket.ts";
import { listenWith } from "./listen.ts";
import { noLog, type ServiceLog } from "../service_log.ts";
import { Clients } from "./clients.ts";
import { Counters } from "./counters.ts";
import { EchoSession } from "./echo_session.ts";
import { type ServerOptions, serverSettings } from "./options.ts";
import { NO_TLS, type RunningServer, runServer } from "./run_server.ts";
import type { DatagramCounts } from "./udp/datagram_log.ts";

/** An echo server that runs. */
export interface Server extends RunningServer {
  /** The failure of a worker that stopped the server; undefined: none failed. */
  readonly failure: EchopipeError | undefined;
  /** The datagrams of a server that serves them, so far. */
  readonly datagrams: DatagramCounts | undefined;
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
export async function startServer(options: ServerOptions = {}, serviceLog: ServiceLog = noLog): Promise<Server> {
  const settings = serverSettings(options);
  const { host, port, path, tls, framing, chunkSize, workers, limits } = settings;
  if (tls !== undefined) (await import("./certificate.ts")).checkCertificate(tls);
  const { faults } = settings;
  const faulty = faults.length > 0 ? (await import("./faulty.ts")).faultyPipe(faults) : undefined;
  // Loaded only where they are asked for.
  const metricsAt = settings.metrics;
  const metrics = metricsAt && new (await import("./metrics_service.ts")).MetricsService(serviceLog);
  const log = metrics?.log ?? serviceLog;
  let failure: EchopipeError | undefined;

  /** Resolves once the server runs: a stop that was asked for before waits, as does a failure. */
  const running = Promise.withResolvers<RunningServer>();
  running.promise.catch(() => {}); // reported to who starts the server
  const stop = (reason: string) => void running.promise.then((server) => server.stop(reason), () => {});
  const stopRequested = (by: string) => stop(`stop from ${by}`);
  const failed = (error: EchopipeError) => {
    failure ??= error;
    stop(error.message);
  };
  // Loaded only where there are any.
  const others = workers === 1
    ? undefined
    : new (await import("./workers.ts")).OtherWorkers({ settings, log, stopRequested, failed });
  const gate = await openGate(settings);
  const counters = others?.counters ?? new Counters();
  const clients = new Clients({
    limits,
    counters,
    log: others?.ownLog ?? log,
    makeSession: (served) => new EchoSession(served, { settings, gate, faulty, stopRequested }),
  });
  const sockets = others ?? await transport();
  const listenUnix = await listenWith(listenSocket, settings);
  const listenAt = await listenWith((at, events) => sockets.listen(at, events), settings);
  let datagrams: DatagramCounts | undefined;
  const { udp, serviceName } = settings;
  // Loaded only where there is one.
  const both = udp && serviceName && await import("./udp/mod.ts");
  const listen = async (at: { readonly host: string; readonly port: number }) => {
    const handshakeTimeout = limits.headerTimeout * 1000;
    if (path !== undefined) return await listenUnix({ path, tls, handshakeTimeout }, clients);
    const listenTcp = () => listenAt({ ...at, tls, handshakeTimeout }, clients);
    if (!both) return await listenTcp();
    const serve = (address: Address) => both.serveDatagrams(address, serviceName, udp, log);
    const opened = await both.listenBoth(listenTcp, serve, at.port === 0);
    datagrams = opened.datagrams.counts;
    return opened.listener;
  };
  try {
    running.resolve(
      await runServer({
        host,
        port,
        path,
        nextFreePort: !settings.strictPort,
        listen,
      }, {
        clients,
        counters,
        log,
        keepsCertificate: tls === undefined ? NO_TLS : others && "each worker keeps its own; expected a restart",
        reloading: () => gate.check(),
        started: {
          summary: `${serviceName === undefined ? "" : `${serviceName}, `}framing ${framing}, ` +
            `chunks of ${chunkSize} bytes${others ? `, ${workers} workers` : ""}`,
          fields: { service: serviceName, framing, chunk_size: chunkSize, workers },
        },
        opened: async (port) => {
          if (metricsAt !== undefined) await metrics?.open(metricsAt, () => counters.open);
          await others?.start(port);
          if (metrics !== undefined) metrics.serves = true;
        },
        closing: () => gate.close(),
        stopping: async (limit) => {
          if (metrics !== undefined) metrics.serves = false;
          await others?.stop(limit);
        },
        released: async () => {
          await metrics?.close();
          await gate[Symbol.asyncDispose]();
        },
      }),
    );
  } catch (error) {
    running.reject(error);
    throw error;
  }
  const server = await running.promise;
  if (settings.access === "password" && tls === undefined && settings.insecurePlaintext) {
    const address = formatAddress(server.address);
    log.record("warn", "passwords.plaintext", `Passwords travel to ${address} unencrypted: TLS is off`, { address });
  }
  return Object.defineProperties(server, {
    failure: { get: () => failure },
    datagrams: { get: () => datagrams },
  }) as Server;
}
