/**
 * The echo server: wiring of listener, clients, workers, log and drain.
 *
 * @module
 */
import { type EchopipeError, messageOf } from "../errors.ts";
import { noLog, type ServiceLog } from "../service_log.ts";
import { firstFree } from "../transport/first_free.ts";
import { transport } from "../runtime/mod.ts";
import { type Address, formatAddress, type Listener } from "../runtime/socket.ts";
import { Clients } from "./clients.ts";
import { Counters } from "./counters.ts";
import { openGate } from "../access/gate.ts";
import { type ServerOptions, serverSettings } from "./options.ts";

/** A server that runs. */
export interface Server extends AsyncDisposable {
  /** Where it listens. */
  readonly address: Address;
  /** Resolves when the server has stopped, whoever stopped it; never rejects. */
  readonly stopped: Promise<void>;
  /** How many clients are connected, to whichever worker. */
  readonly connections: number;
  /** Why the server stopped by itself: one of its workers failed. Undefined: none did. */
  readonly failure: EchopipeError | undefined;
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
  const { host, port, tls, framing, chunkSize, workers } = settings;
  if (tls !== undefined) (await import("./certificate.ts")).checkCertificate(tls);
  const began = performance.now();
  const stopped = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  let failure: EchopipeError | undefined;

  /** Resolves once all workers listen: who asks for a stop before waits, as does a failure. */
  const started = Promise.withResolvers<void>();
  const stopRequested = (by: string) => void started.promise.then(() => stop(`stop from ${by}`));
  const failed = (error: EchopipeError) => {
    failure ??= error;
    void started.promise.then(() => stop(error.message));
  };
  // Loaded only where there are any.
  const others = workers === 1
    ? undefined
    : new (await import("./workers.ts")).OtherWorkers({ settings, log, stopRequested, failed });
  const gate = await openGate(settings);
  const counters = others?.counters ?? new Counters();
  const clients = new Clients({ settings, gate, log: others?.ownLog ?? log, counters, stopRequested });

  const summary = `framing ${framing}, chunks of ${chunkSize} bytes` + (others ? `, ${workers} workers` : "");
  log.record("info", "server.started", `Server started: ${summary}`, { framing, chunk_size: chunkSize, workers });
  const sockets = await transport();
  let listener: Listener | undefined;
  try {
    listener = await firstFree(
      { address: host, port },
      (port) => (others ?? sockets).listen({ host, port, tls }, clients),
      {
        strict: settings.strictPort,
        taken: (port) => log.record("warn", "port.in_use", `Port ${port} is in use: trying the next`, { port }),
      },
    );
    await others?.start(listener.address.port);
  } catch (error) {
    await listener?.close();
    await clients.drain();
    await gate[Symbol.asyncDispose]();
    throw error;
  }
  const address = formatAddress(listener.address);
  if (settings.access === "password" && tls === undefined && settings.insecurePlaintext) {
    log.record("warn", "passwords.plaintext", `Passwords travel to ${address} unencrypted: TLS is off`, { address });
  }
  log.record("info", "server.listening", `Server listens on ${address}`, { address });
  clients.watchSilence();

  const endClients = async () => {
    clients.close();
    await listener.close();
    await gate.close();
    await clients.drain();
  };
  const drain = async (reason: string) => {
    await Promise.all([endClients(), others?.stop()]);
    try {
      await gate[Symbol.asyncDispose]();
    } catch (error) { // the file of users could not be released: the server has stopped all the same
      log.record("error", "users.failed", messageOf(error));
    }
    log.record("info", "server.stopped", `Server stopped: ${reason}`, {
      reason,
      connections: counters.served,
      duration_ms: Math.round(performance.now() - began),
    });
    stopped.resolve();
  };
  const stop = (reason = "asked to") => stopping ??= drain(reason);
  started.resolve();

  return {
    address: listener.address,
    stopped: stopped.promise,
    get connections() {
      return counters.open;
    },
    get failure() {
      return failure;
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
