/**
 * The limits of a server.
 *
 * @module
 */
import { checkInteger } from "../errors.ts";

/** The limits as options; each has a default. `docs/limits.md` lists them with their flags. */
export interface LimitOptions {
  /** Beyond so many connections a new one is closed at once: 1 to 1,000,000. Default 10,000. */
  readonly maxConnections?: number;
  /**
   * The same for one address (IPv6: one /64 network): 1 to 1,000,000. Default: a quarter of `maxConnections`, but no less
   * than 100 where that many are allowed.
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * New connections a second from one address (IPv6: one /64 network), in the long run; ten times as many at once: 1 to
   * 1,000,000; 0: any number. Loopback is exempt. Default 100.
   */
  readonly maxConnectionRate?: number;
  /** Networks that may connect, as `ADDRESS` or `ADDRESS/PREFIX`. Default: all. */
  readonly allow?: readonly string[];
  /** Networks that may not connect, even where `allow` names them. Default: none. */
  readonly deny?: readonly string[];
  /**
   * A connection on which no byte was received or sent for so many seconds, and none waits to be sent, is ended; 0: never.
   * Default 0.
   */
  readonly idleTimeout?: number;
  /**
   * A message or line that was begun, and of which nothing more comes for so many seconds, resets its connection; a TLS
   * handshake has this long; 0: never. Default 30.
   */
  readonly headerTimeout?: number;
  /** A connection that accepts nothing for so many seconds of what waits to be sent is reset; 0: never. Default 300. */
  readonly writeTimeout?: number;
  /**
   * Bytes a second that a message which was begun has to bring, taken over `headerTimeout`, and a peer has to accept, over
   * `writeTimeout`; 0: one byte in that time is enough. Default 0.
   */
  readonly minRate?: number;
  /**
   * A connection whose peer has ended its sending direction, and on which nothing is received or sent for so many seconds, is
   * reset: a peer that has gone looks the same until it is written to; 0: never. Default 120.
   */
  readonly finTimeout?: number;
}

/** The limits, complete and valid. */
export interface Limits extends Required<LimitOptions> {
  /** Connections of one address (IPv6: of one /64 network), in this thread. */
  readonly maxConnectionsPerAddress: number;
}

/** A year, in seconds. */
const MAX_SECONDS = 31_536_000;

/**
 * The limits that options ask for. Networks are checked where they are used.
 *
 * @throws {EchopipeError} `invalid-argument` for one out of its range
 */
export function limitsOf(options: LimitOptions): Limits {
  const maxConnections = checkInteger("max-connections", options.maxConnections ?? 10_000, 1, 1_000_000);
  const share = Math.min(maxConnections, Math.max(100, Math.ceil(maxConnections / 4)));
  const perAddress = options.maxConnectionsPerAddress ?? share;
  const seconds = (name: string, value: number | undefined, fallback: number) =>
    checkInteger(name, value ?? fallback, 0, MAX_SECONDS);
  return {
    maxConnections,
    maxConnectionsPerAddress: checkInteger("max-connections-per-address", perAddress, 1, 1_000_000),
    maxConnectionRate: checkInteger("max-connection-rate", options.maxConnectionRate ?? 100, 0, 1_000_000),
    allow: options.allow ?? [],
    deny: options.deny ?? [],
    idleTimeout: seconds("idle-timeout", options.idleTimeout, 0),
    headerTimeout: seconds("header-timeout", options.headerTimeout, 30),
    writeTimeout: seconds("write-timeout", options.writeTimeout, 300),
    minRate: checkInteger("min-rate", options.minRate ?? 0, 0, 1_000_000_000),
    finTimeout: seconds("fin-timeout", options.finTimeout, 120),
  };
}
