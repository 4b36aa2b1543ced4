/**
 * The life of a server, from listening to its last record.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import { type Address, formatAddress, type Listener } from "../runtime/socket.ts";
import type { Fields, ServiceLog } from "../service_log.ts";
import { firstFree } from "../transport/first_free.ts";
import type { Clients } from "./clients.ts";
import type { Counters } from "./counters.ts";

/** A server that runs. */
export interface RunningServer extends AsyncDisposable {
  /** The address and port it listens on. */
  readonly address: Address;
  /** Resolves when the server has stopped, whoever stopped it; never rejects. */
  readonly stopped: Promise<void>;
  /** The number of connected clients. */
  readonly connections: number;
  /**
   * Stops accepting, lets what was received be answered, and ends every connection, within 5 s. `reason` goes to the log.
   * Resolves when it is done; calling it again waits for the same.
   */
  stop(reason?: string): Promise<void>;
}

/** The address that a server listens on, and how. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket: `listen` listens on it, and no port is searched for. */
  readonly path?: string;
  /** Moves on to the next free port. */
  readonly nextFreePort: boolean;
  /** Opens a listener whose clients go to {@linkcode ServerParts.clients}. */
  listen(at: { readonly host: string; readonly port: number }): Promise<Listener>;
}

/** The parts of a server. */
export interface ServerParts {
  readonly clients: Clients;
  readonly counters: Counters;
  readonly log: ServiceLog;
  /** Facts of the record `server.started`, and the same in words. */
  readonly started?: { readonly summary: string; readonly fields: Fields };
  /** Called when it listens; a failure ends the server. */
  opened?(port: number): Promise<void>;
  /** Called when it accepts no more, before the clients are drained. */
  closing?(): Promise<void>;
  /** Called when a stop begins; the server has stopped when this is done, too. */
  stopping?(): Promise<void>;
  /** Called when all clients have ended, or the server could not start. */
  released?(): Promise<void>;
}

/**
 * Listens, serves, and drains at a stop.
 *
 * @throws {EchopipeError} as `listen` and `opened` do
 */
export async function runServer(
  { host, port, path, nextFreePort, listen }: Listening,
  parts: ServerParts,
): Promise<RunningServer> {
  const { clients, counters, log, started } = parts;
  const began = performance.now();
  log.record("info", "server.started", `Server started${started ? `: ${started.summary}` : ""}`, started?.fields);
  let listener: Listener | undefined;
  try {
    listener = await firstFree({ address: host, port }, (port) => listen({ host, port }), {
      strict: !nextFreePort || path !== undefined,
      taken: (port) => log.record("warn", "port.in_use", `Port ${port} is in use: trying the next`, { port }),
    });
    await parts.opened?.(listener.address.port);
  } catch (error) {
    await listener?.close();
    await clients.drain();
    await parts.released?.();
    throw error;
  }
  const { address } = listener;
  const at = formatAddress(address);
  log.record("info", "server.listening", `Server listens on ${at}`, { address: at });
  clients.watch();

  const stopped = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const endClients = async () => {
    clients.close();
    await listener.close();
    await parts.closing?.();
    await clients.drain();
  };
  const drain = async (reason: string) => {
    await Promise.all([endClients(), parts.stopping?.()]);
    try {
      await parts.released?.();
    } catch (error) { // the server has stopped all the same
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
  return {
    address,
    stopped: stopped.promise,
    get connections() {
      return counters.open;
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
