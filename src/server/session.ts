/**
 * The contract between a server and what it does with a connection.
 *
 * @module
 */
import type { Connection } from "../transport/connection.ts";
import type { ClientLog } from "./client_log.ts";
import type { ChunkCounts } from "./traffic_log.ts";

/** A connection as its session sees it. */
export interface ServedConnection {
  /** The number of the connection, from 1. */
  readonly id: number;
  /** `ADDRESS:PORT` of the client. */
  readonly name: string;
  /** The connection itself. */
  readonly connection: Connection;
  /** Its records. */
  readonly log: ClientLog;
  /** The reason that the log gives for the end of the connection; the first one counts. */
  endsBecause(reason: string): void;
}

/** One client's session. */
export interface Session {
  /** The chunks that passed, for the log. */
  readonly counts: ChunkCounts;
  /** Serves until the connection is to be ended. A rejection is the connection's failure. */
  serve(): Promise<unknown>;
  /** Called before the input is ended at this side: what the client should be told. */
  farewell?(reason: string, text: string): void;
  /** Called after a failure, before the connection ends. Never rejects. */
  failed?(error: unknown): Promise<void>;
  /** True where that failure resets the connection; otherwise what was sent arrives, then the end. */
  resetsAfter?(error: unknown): boolean;
}

/** Makes the session of a connection. What it throws is that connection's failure. */
export type MakeSession = (served: ServedConnection) => Session;
