/**
 * The options of the echo server.
 *
 * @module
 */
import { isLoopback } from "../addresses.ts";
import { checkInteger, EchopipeError } from "../errors.ts";
import type { Framing } from "../framing/framing.ts";
import { auto } from "../framing/auto.ts";
import { line } from "../framing/line.ts";
import { message } from "../framing/message.ts";
import { raw } from "../framing/raw.ts";
import type { AccessMode } from "../access/steps.ts";
import type { UserStore } from "../identity/users.ts";
import type { Fault } from "../faults/fault.ts";
import type { Certificate } from "./certificate.ts";
import { type LimitOptions, type Limits, limitsOf } from "./limits.ts";
import { type UdpOptions, udpOptionsOf } from "./udp/udp_options.ts";
import { type Service, type ServiceName, services } from "./services.ts";
import type { PageName } from "./page/page.ts";
import type { AllowStop } from "../access/gate.ts";
import type { PartsModule } from "./worker_parts.ts";

/** The framings a server can be started with. */
export type FramingName = "auto" | "message" | "line" | "raw";

/** The framings by name. */
export const framings: Readonly<Record<FramingName, Framing>> = { auto, message, line, raw };

/** The options of {@linkcode startServer}; each has a default. */
export interface ServerOptions extends LimitOptions {
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** The port; 0: any free one. Default 9090. */
  readonly port?: number;
  /** Path of a Unix socket to listen on, instead of host and port. */
  readonly path?: string;
  /** Fails where the port is in use, instead of moving on to the next free one. Default true. */
  readonly strictPort?: boolean;
  /** Default `auto`. */
  readonly framing?: FramingName;
  /** The largest chunk a handler sees, in bytes: 1 to 16,777,216. Default 1024. */
  readonly chunkSize?: number;
  /**
   * How many threads serve, on one port that the system divides among them: 1 to 64, or `auto`: as many as there are
   * cores. More than one serves a named service to everybody; a service of one's own and logins are kept by one thread,
   * unless there are {@linkcode ServerOptions.workerParts}. It takes a system that divides connections (Linux), and on
   * Deno the flag `--unstable-net`. Default 1.
   */
  readonly workers?: number | "auto";
  /** The module that makes the users and the service of each worker but the first. Default: none. */
  readonly workerParts?: PartsModule;
  /** The clients that may use the server. Default `open`: all. */
  readonly access?: AccessMode;
  /** The file of users, or a store of them; unless access is `open`. Default `users.json`. */
  readonly users?: string | UserStore;
  /** Names that may send `stop` under access `password`. Default none. */
  readonly admins?: readonly string[];
  /**
   * From whom the network may send `stop`: clients on this machine, `admins` (under access `password`), or nobody. Default
   * `admins` where some are named, else `none`.
   */
  readonly allowStop?: AllowStop;
  /** Registration of unknown names under access `password`. Default `open`. */
  readonly registration?: "open" | "closed";
  /** Timeout of each answer of a login, in seconds: 1 to 3,600. Default 120. */
  readonly loginTimeout?: number;
  /** Certificate chain and private key, both PEM: serve TLS. */
  readonly tls?: Certificate;
  /** A service by its name, or a function that makes the handler of each client. Default `echo`. */
  readonly service?: ServiceName | Service;
  /**
   * The page that browsers get at `/`, with the framing `auto`. Default: `echo` with the service of that name, else none;
   * WebSocket is spoken all the same.
   */
  readonly page?: PageName;
  /** Serves datagrams, too, on the same port: the service must be one that has a name. Default false. */
  readonly udp?: boolean | UdpOptions;
  /**
   * Faults on purpose in what the server sends, in this order: as `--fault` takes them (`latency=50ms±10ms,slice=3`), or
   * a list. Default none.
   */
  readonly faults?: string | readonly Fault[];
  /**
   * Expects a header of the PROXY protocol, version 1 or 2, at the start of each connection, within `headerTimeout`: the
   * client's address counts everywhere. A connection without one is closed, and logged. No client counts as one on this
   * machine: `stop` is not taken from loopback. With `tls` on Node only. Default false.
   */
  readonly proxyProtocol?: boolean;
  /**
   * Serves figures for Prometheus at `/metrics`, and `/healthz`, over HTTP on this address. `port` 0: any free one, which
   * the record `metrics.listening` has. Default: none; `host`: `127.0.0.1`.
   */
  readonly metrics?: { readonly host?: string; readonly port: number };
  /** Lets passwords travel networks unencrypted. Default false. */
  readonly insecurePlaintext?: boolean;
}

/** A server's options, complete and valid. */
export type ServerSettings =
  & Required<
    Omit<
      ServerOptions,
      "tls" | "metrics" | "path" | "workers" | "workerParts" | "service" | "page" | "udp" | "faults" | keyof Limits
    >
  >
  & Pick<ServerOptions, "tls" | "metrics" | "path" | "page" | "workerParts">
  & {
    readonly workers: number;
    readonly limits: Limits;
    readonly service: Service;
    /** The name of the service; undefined: it is a function of the program's own. */
    readonly serviceName: ServiceName | undefined;
    /** Undefined: no datagrams are served. */
    readonly udp: Required<UdpOptions> | undefined;
    /** As they were given: a server without faults loads nothing of them. */
    readonly faults: string | readonly Fault[];
  };

/** So many workers at most. */
const MAX_WORKERS = 64;

/** The number of workers. A service and logins, which one thread keeps for all clients, do not go with several. */
function workersOf({ workers = 1, service, access = "open", path, workerParts }: ServerOptions): number {
  const count = workers === "auto" ? Math.min(navigator.hardwareConcurrency, MAX_WORKERS) : workers;
  checkInteger("workers", count, 1, MAX_WORKERS);
  if (count === 1) return count;
  const refuse = (what: string, why: string) =>
    new EchopipeError("invalid-argument", `Cannot use ${what} with ${count} workers: ${why}; expected 1 worker`);
  if (path !== undefined) throw refuse("a Unix socket", "the system cannot divide its connections");
  if (workerParts !== undefined) return count;
  if (access !== "open") throw refuse(`access "${access}"`, "one thread keeps users, attempts and sessions");
  if (typeof service === "function") throw refuse("a service of one's own", "it cannot be given to another thread");
  return count;
}

/** From whom `stop` is taken. */
function allowStopOf({ allowStop, access = "open", admins = [] }: ServerOptions): AllowStop {
  if (allowStop === "admins" && access !== "password") {
    throw new EchopipeError(
      "invalid-argument",
      `Cannot allow admins to stop the server under access "${access}": names are proven under "password" only`,
    );
  }
  return allowStop ?? (access === "password" && admins.length > 0 ? "admins" : "none");
}

/** The address of the metrics, checked. */
function metricsOf({ metrics }: ServerOptions): ServerOptions["metrics"] {
  if (metrics !== undefined) checkInteger("metrics port", metrics.port, 0, 65535);
  return metrics;
}

/** The service of that name: a program in plain JavaScript may give any. */
function serviceNamed(name: ServiceName): Service {
  if (Object.hasOwn(services, name)) return services[name];
  const expected = Object.keys(services).join(", ");
  throw new EchopipeError("invalid-argument", `Cannot use service "${name}": expected ${expected} or a function`);
}

/**
 * Completes options with their defaults.
 *
 * @throws {EchopipeError} `invalid-argument` for a value out of its range, or values that do not go together
 */
export function serverSettings(options: ServerOptions = {}): ServerSettings {
  const { host = "127.0.0.1", access = "open", framing = "auto", tls, insecurePlaintext = false } = options;
  if (framing === "raw" && access !== "open") {
    throw new EchopipeError(
      "invalid-argument",
      `Cannot use access "${access}" with framing "raw": it has no messages to log in by; expected auto, message or line`,
    );
  }
  if (
    access === "password" && tls === undefined && !insecurePlaintext && options.path === undefined &&
    !isLoopback(host) && host !== "localhost"
  ) {
    throw new EchopipeError(
      "invalid-argument",
      `Cannot use access "password" on ${host} without TLS: passwords would travel in the open; ` +
        "expected --tls-cert and --tls-key, a loopback address, or --insecure-plaintext",
    );
  }
  const { service = "echo" } = options;
  return {
    host,
    path: options.path,
    port: checkInteger("port", options.port ?? 9090, 0, 65535),
    strictPort: options.strictPort ?? true,
    framing,
    chunkSize: checkInteger("chunk-size", options.chunkSize ?? 1024, 1, 1 << 24),
    workers: workersOf(options),
    workerParts: options.workerParts,
    limits: limitsOf(options),
    access,
    users: options.users ?? "users.json",
    admins: options.admins ?? [],
    allowStop: allowStopOf(options),
    registration: options.registration ?? "open",
    loginTimeout: checkInteger("login-timeout", options.loginTimeout ?? 120, 1, 3600),
    tls,
    service: typeof service === "function" ? service : serviceNamed(service),
    serviceName: typeof service === "function" ? undefined : service,
    page: options.page ?? (service === "echo" ? "echo" : undefined),
    udp: udpOptionsOf(options),
    faults: options.faults ?? [],
    metrics: metricsOf(options),
    proxyProtocol: options.proxyProtocol ?? false,
    insecurePlaintext,
  };
}
