/**
 * One client of a server.
 *
 * @module
 */
import { formatAddress } from "../runtime/socket.ts";
import type { ServiceLog } from "../service_log.ts";
import type { Connection } from "../transport/connection.ts";
import { ClientLog } from "./client_log.ts";
import type { MakeSession, ServedConnection, Session } from "./session.ts";
import type { TrafficLog } from "./traffic_log.ts";

/** A silent client that does not take its last bytes for so long is cut off, in milliseconds. */
const DRAIN_GRACE_MS = 2000;

/** The parts that all clients of a server share. */
export interface ClientContext {
  readonly log: ServiceLog;
  readonly trafficLog: TrafficLog;
  readonly makeSession: MakeSession;
  /** Called when a session fails. */
  readonly onError?: (error: unknown, connection: Connection) => void;
}

/** A connected client, from its connect to its last byte. */
export class Client implements ServedConnection {
  readonly id: number;
  readonly name: string;
  readonly connection: Connection;
  readonly log: ClientLog;
  readonly #context: ClientContext;
  readonly #session: Session;
  #reason: string | undefined;
  #lastReceived = 0;
  #silentSince = performance.now();
  /** The session is over. */
  #served = false;
  #unfollow = () => {};

  /** Makes the session of a connection. Throws what that throws. */
  constructor(id: number, connection: Connection, context: ClientContext) {
    this.id = id;
    this.name = formatAddress(connection.remote);
    this.connection = connection;
    this.#context = context;
    this.log = new ClientLog(context.log, this);
    this.#session = context.makeSession(this);
  }

  /** Serves until the connection has ended, however it ends. Never rejects. */
  async serve(): Promise<void> {
    const began = performance.now();
    this.log.connected();
    this.#unfollow = this.#context.trafficLog.follow({
      id: this.id,
      peer: this.name,
      connection: this.connection,
      chunks: this.#session.counts,
    });
    try {
      await this.#session.serve();
      this.#reason ??= "end of stream";
    } catch (error) {
      const reason = this.log.failed(error);
      this.#reason ??= reason;
      this.#context.onError?.(error, this.connection);
      await this.#session.failed?.(error);
    }
    this.#served = true;
    await this.connection.finish();
    this.#unfollow();
    this.log.disconnected(this.#reason, this.connection.traffic, performance.now() - began);
  }

  endsBecause(reason: string): void {
    this.#reason ??= reason;
  }

  /** Lets what was received be answered, then ends the connection. Never rejects. */
  async drain(): Promise<void> {
    this.endsBecause("server stopped");
    this.#session.farewell?.("stop", "The server stops");
    await this.connection.drain(true);
  }

  /** Ends the connection at once. */
  abort(reason: string): void {
    this.endsBecause(reason);
    this.connection.abort();
  }

  /** True where the connection is closed and its session still does not end. */
  get isStuck(): boolean {
    return this.connection.isClosed && !this.#served;
  }

  /** Gives up waiting for a session that does not end. */
  leaveBehind(): void {
    this.#unfollow();
    this.log.stuck();
  }

  /** Ends the connection if nothing has come for `limit` milliseconds. */
  checkSilence(limit: number, now: number): void {
    const { received } = this.connection.traffic;
    if (received !== this.#lastReceived) {
      this.#lastReceived = received;
      this.#silentSince = now;
    } else if (this.#reason === undefined && now - this.#silentSince >= limit) {
      this.#reason = `silent for ${limit / 1000} s`;
      this.#session.farewell?.("idle", `Nothing came for ${limit / 1000} s`);
      void this.connection.drain();
    } else if (now - this.#silentSince >= limit + DRAIN_GRACE_MS) {
      this.connection.abort(); // it does not read either, and what is sent to it waits
    }
  }
}
