/**
 * One client of a server.
 *
 * @module
 */
import { formatAddress, type Socket } from "../runtime/socket.ts";
import type { Traffic } from "../runtime/socket_state.ts";
import type { ServiceLog } from "../service_log.ts";
import type { Connection } from "../transport/connection.ts";
import { ClientLog } from "./client_log.ts";
import type { Limits } from "./limits.ts";
import type { MakeSession, ServedConnection, Session } from "./session.ts";
import { Timeouts } from "./timeouts.ts";
import type { TrafficLog } from "./traffic_log.ts";

/** An idle client that does not take its last bytes for so long is cut off, in milliseconds. */
const DRAIN_GRACE_MS = 2000;

/** A session that has not ended so long after its connection is left behind, in milliseconds; a reset takes up to 1 s. */
const STUCK_MS = 2000;
/** The reason of a connection that failed while nobody read or wrote. */
const LOST = "reset or lost";

/**
 * Callbacks about connections. A failure of one is reported, that of a promise which it returns too, and changes nothing for
 * the connection.
 */
export interface ClientHooks<C extends Connection = Connection> {
  /** Called when a connection was accepted, before its handler. */
  readonly onOpen?: (peer: C) => void;
  /**
   * Called once when a connection has ended, with its counters and the reason that the log gives, or when it is given up
   * although its handler has not settled.
   */
  readonly onClose?: (peer: C, traffic: Traffic, reason: string) => void;
  /** Called with a handler's failure. */
  readonly onError?: (error: unknown, peer: C) => void;
}

/** The parts that all clients of a server share. */
export interface ClientContext {
  readonly trafficLog: TrafficLog;
  readonly limits: Limits;
  readonly makeSession: MakeSession;
  readonly hooks?: ClientHooks;
}

/** A connected client, from its connect to its last byte. */
export class Client implements ServedConnection {
  readonly id: number;
  readonly name: string;
  readonly connection: Connection;
  readonly log: ClientLog;
  readonly #socket: Socket;
  readonly #serviceLog: ServiceLog;
  readonly #context: ClientContext;
  readonly #session: Session;
  readonly #timeouts: Timeouts;
  readonly #began = performance.now();
  #reason: string | undefined;
  /** The time when an idle client is cut off. */
  #cutOffAt = Infinity;
  /** The time when the connection was first seen closed before its session had ended. */
  #closedAt: number | undefined;
  /** The connection was ended at this side: that its handler fails is no news. */
  #aborted = false;
  /** Numbers of reads and writes at the last look. */
  #passed = 0;
  /** The session is over. */
  #served = false;
  /** The end was recorded. */
  #over = false;
  #unfollow = () => {};

  /** Makes the session of a connection. Throws what that throws. */
  constructor(id: number, socket: Socket, connection: Connection, log: ServiceLog, context: ClientContext) {
    this.id = id;
    this.name = formatAddress(connection.remote);
    this.connection = connection;
    this.#socket = socket;
    this.#serviceLog = log;
    this.#context = context;
    this.#timeouts = new Timeouts(context.limits);
    this.log = new ClientLog(log, this);
    this.#session = context.makeSession(this);
  }

  /** Serves until the connection has ended, however it ends. Never rejects. */
  async serve(): Promise<void> {
    this.log.connected();
    this.#unfollow = this.#context.trafficLog.follow({
      id: this.id,
      peer: this.name,
      connection: this.connection,
      chunks: this.#session.counts,
      log: this.#serviceLog,
    });
    const { hooks } = this.#context;
    if (hooks?.onOpen !== undefined) this.#call(() => hooks.onOpen!(this.connection));
    try {
      await this.#session.serve();
      this.#reason ??= "end of stream";
    } catch (error) {
      if (!this.#aborted || (error as { code?: string })?.code !== "closed") {
        const reason = this.log.failed(error);
        this.#reason ??= reason;
        this.#report(error);
      }
      await this.#session.failed?.(error);
      if (this.#session.resetsAfter?.(error)) this.connection.reset();
    }
    this.#served = true;
    await this.connection.finish();
    this.#ended(this.#reason ?? "failed");
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

  /** Ends the connection at once, so that nothing looks complete to its peer. */
  abort(reason: string): void {
    this.endsBecause(reason);
    this.#reset();
  }

  /** True where the connection was closed a while ago, and its session still does not end. `now` in milliseconds. */
  isStuck(now: number): boolean {
    if (!this.connection.isClosed || this.#served) return false;
    this.#closedAt ??= now;
    return now - this.#closedAt >= STUCK_MS;
  }

  /** Gives up waiting for a session that does not end. */
  leaveBehind(): void {
    this.log.stuck();
    this.#ended(this.#reason ?? (this.#socket.state?.failed ? LOST : "its handler does not return"));
  }

  /** Looks at the connection: ends it where a timeout has expired, or the peer has gone and nobody noticed. */
  look(now: number): void {
    const { state } = this.#socket;
    if (this.connection.isClosed || state === undefined) return;
    const passed = state.traffic.reads + state.traffic.writes;
    const quiet = passed === this.#passed;
    this.#passed = passed;
    if (quiet && state.failed) return this.abort(LOST);
    if (quiet && this.#socket.unsent === 0) this.connection.readAhead();
    const expired = this.#timeouts.look(this.#socket, this.connection, now);
    if (now >= this.#cutOffAt) return this.#reset(); // its last words were not taken, or its handler goes on
    if (expired === undefined || this.#reason !== undefined) return;
    if (expired.kind === "stalled") return this.abort(expired.reason);
    this.#reason = expired.reason;
    this.#cutOffAt = now + DRAIN_GRACE_MS;
    this.#session.farewell?.("idle", `Nothing came for ${this.#context.limits.idleTimeout} s`);
    void this.connection.drain();
  }

  #reset(): void {
    this.#aborted = true;
    this.connection.reset();
  }

  #ended(reason: string): void {
    if (this.#over) return; // it was left behind
    this.#over = true;
    this.#unfollow();
    const { connection, connection: { traffic } } = this;
    this.log.disconnected(reason, traffic, performance.now() - this.#began);
    const { hooks } = this.#context;
    if (hooks?.onClose !== undefined) this.#call(() => hooks.onClose!(connection, traffic, reason));
  }

  /** Calls a hook; its failure is reported as a handler's. */
  #call(hook: () => unknown): void {
    attempt(hook, (error) => {
      this.log.failed(error);
      this.#report(error);
    });
  }

  #report(error: unknown): void {
    attempt(() => this.#context.hooks?.onError?.(error, this.connection), (failure) => void this.log.failed(failure));
  }
}

/** Calls a function, which may be asynchronous; `failed` is called with what it throws. */
function attempt(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(failed);
  } catch (error) {
    failed(error);
  }
}
