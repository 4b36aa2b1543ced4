/**
 * The life of a server, from listening to its last record.
 *
 * @module
 */
import { checkInteger, EchopipeError, messageOf } from "../errors.ts";
import { type Address, formatAddress, type Listener } from "../runtime/socket.ts";
import type { Fields, ServiceLog } from "../service_log.ts";
import { firstFree } from "../transport/first_free.ts";
import type { Certificate } from "./certificate.ts";
import type { Clients } from "./clients.ts";
import type { Counters } from "./counters.ts";

/** The reason of {@linkcode ServerParts.keepsCertificate} without TLS. */
export const NO_TLS = "the server does not serve TLS";
/** The longest drain, in milliseconds: a day. */
const MAX_DRAIN_MS = 86_400_000;

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
  /**
   * Stops as {@linkcode RunningServer.stop} does, but gives the connections `ms` milliseconds to end. A stop that has begun
   * already goes on with its own limit.
   */
  drain(ms: number, reason?: string): Promise<void>;
  /**
   * Takes another certificate, and checks the file of users, which is read again at each change by itself. On Deno the port
   * is listened on anew: clients that connect right then are refused or reset.
   *
   * @throws {EchopipeError} `invalid-argument` for a certificate that cannot be served, for a server that serves no TLS or has
   * workers; `damaged`, `permission` or `io` for the file of users. All stays as it was
   */
  reload(renewal?: Renewal): Promise<void>;
}

/** Things that a server can be given anew. */
export interface Renewal {
  /** The certificate of connections that are accepted from now on. Default: the same. */
  readonly tls?: Certificate;
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
  /** The reason why the certificate cannot be replaced; undefined: it can. */
  readonly keepsCertificate?: string;
  /** Facts of the record `server.started`, and the same in words. */
  readonly started?: { readonly summary: string; readonly fields: Fields };
  /** Called when it listens; a failure ends the server. */
  opened?(port: number): Promise<void>;
  /** Called at a reload: rejects where what else there is cannot be used. */
  reloading?(): Promise<void>;
  /** Called when it accepts no more, before the clients are drained. */
  closing?(): Promise<void>;
  /** Called when a stop begins, with its limit in milliseconds; the server has stopped when this is done, too. */
  stopping?(limit?: number): Promise<void>;
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
  const endClients = async (limit?: number) => {
    clients.close();
    await listener.close();
    await parts.closing?.();
    await clients.drain(limit);
  };
  const end = async (reason: string, limit?: number) => {
    await Promise.all([endClients(limit), parts.stopping?.(limit)]);
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
  const stop = (reason = "asked to") => stopping ??= end(reason);
  return {
    address,
    stopped: stopped.promise,
    get connections() {
      return counters.open;
    },
    stop,
    reload: async ({ tls } = {}) => {
      if (tls !== undefined) await checkRenewal(tls, parts);
      await parts.reloading?.();
      if (tls !== undefined && stopping === undefined) await listener.setCertificate(tls);
      log.record("info", "server.reloaded", `Server reloaded${tls === undefined ? "" : " its certificate"}`);
    },
    drain: (ms, reason = "asked to") => {
      checkInteger("drain", ms, 0, MAX_DRAIN_MS);
      return stopping ??= end(reason, ms);
    },
    [Symbol.asyncDispose]: () => stop(),
  };
}

/** Checks a certificate before it replaces another. */
async function checkRenewal(tls: Certificate, { keepsCertificate }: ServerParts): Promise<void> {
  if (keepsCertificate !== undefined) {
    throw new EchopipeError("invalid-argument", `Cannot replace the certificate: ${keepsCertificate}`);
  }
  (await import("./certificate.ts")).checkCertificate(tls);
}
