/**
 * The limits of a server.
 *
 * @module
 */
import { checkInteger } from "../errors.ts";

/** The limits as options; each has a default. */
export interface LimitOptions {
  /** Beyond so many connections a new one is closed at once: 1 to 1,000,000. Default 10,000. */
  readonly maxConnections?: number;
  /**
   * The same for one address (IPv6: one /64 network): 1 to 1,000,000. Default: a quarter of `maxConnections`, but no less
   * than 100 where that many are allowed.
   */
  readonly maxConnectionsPerAddress?: number;
  /** A connection from which nothing has come for so many seconds is ended; 0: never. Default 0. */
  readonly idleTimeout?: number;
}

/** The limits, complete and valid. */
export interface Limits {
  /** Connections in all; beyond it a new one is closed at once. */
  readonly maxConnections: number;
  /** Connections of one address (IPv6: of one /64 network), in this thread. */
  readonly maxConnectionsPerAddress: number;
  /** Seconds without a byte received after which a connection is ended; 0: any number. */
  readonly idleTimeout: number;
}

/**
 * The limits that options ask for.
 *
 * @throws {EchopipeError} `invalid-argument` for one out of its range
 */
export function limitsOf(options: LimitOptions): Limits {
  const maxConnections = checkInteger("max-connections", options.maxConnections ?? 10_000, 1, 1_000_000);
  const share = Math.min(maxConnections, Math.max(100, Math.ceil(maxConnections / 4)));
  const perAddress = options.maxConnectionsPerAddress ?? share;
  return {
    maxConnections,
    maxConnectionsPerAddress: checkInteger("max-connections-per-address", perAddress, 1, 1_000_000),
    idleTimeout: checkInteger("idle-timeout", options.idleTimeout ?? 0, 0, 31_536_000),
  };
}
