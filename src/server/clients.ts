/**
 * The clients of one thread.
 *
 * @module
 */
import { networkOf } from "../addresses.ts";
import { messageOf } from "../errors.ts";
import { formatAddress, type ListenEvents, type Socket } from "../runtime/socket.ts";
import { Connection } from "../transport/connection.ts";
import { Client, type ClientContext } from "./client.ts";
import type { Counters } from "./counters.ts";
import type { Limits } from "./limits.ts";
import { TrafficLog } from "./traffic_log.ts";

/** Time limit of a drain, in milliseconds: connections that are left are ended at once. */
const DRAIN_LIMIT_MS = 4000;
/** A session that has not ended this long after its connection is waited for no longer, in milliseconds. */
const ABORT_LIMIT_MS = 500;
/** Time between two looks at all clients, in milliseconds. */
const SWEEP_MS = 1000;

/** The parts that serving clients takes. */
export interface ClientsContext extends Omit<ClientContext, "trafficLog"> {
  /** Makes the connection of a socket. Default: a {@linkcode Connection}. */
  readonly wrap?: (socket: Socket) => Connection;
  readonly limits: Limits;
  readonly counters: Counters;
}

/** Accepts clients within the limits, watches them, and drains them at the end; a listener gives them to it. */
export class Clients implements ListenEvents {
  readonly #context: ClientsContext & ClientContext;
  readonly #clients = new Set<Client>();
  /** Connections by network. */
  readonly #perNetwork = new Map<string, number>();
  /** Clients whose connection was closed at the last sweep, and whose session had not ended. */
  #stuck = new Set<Client>();
  #sweep: ReturnType<typeof setInterval> | undefined;
  #ending = false;

  constructor(context: ClientsContext) {
    this.#context = { ...context, trafficLog: new TrafficLog(context.log) };
  }

  /** Serves a client, if there is a place for it. */
  connection(socket: Socket): void {
    const { limits, counters, log, wrap = (socket) => new Connection(socket) } = this.#context;
    const network = networkOf(socket.remote.address);
    const connected = this.#perNetwork.get(network) ?? 0;
    if (this.#ending) return this.#refuse(socket, "the server is stopping");
    if (connected >= limits.maxConnectionsPerAddress) {
      return this.#refuse(socket, `${connected} clients of its address are connected, the limit`);
    }
    if (!counters.take(limits.maxConnections)) {
      return this.#refuse(socket, `${limits.maxConnections} clients are connected, the limit`);
    }
    let client: Client;
    try {
      client = new Client(counters.next(), wrap(socket), this.#context);
    } catch (error) { // the others are served
      counters.giveBack();
      socket.close();
      const peer = formatAddress(socket.remote);
      log.record("error", "connection.failed", `Client ${peer} cannot be served: ${messageOf(error)}`, { peer });
      return;
    }
    this.#perNetwork.set(network, connected + 1);
    this.#clients.add(client);
    void client.serve().then(() => this.#remove(client, network));
  }

  /** Accepting failed. */
  error(error: unknown): void {
    this.#context.log.record("warn", "accept.failed", messageOf(error));
  }

  /** From now on looks after the clients: silence, and sessions that do not end. */
  watch(): void {
    const limit = this.#context.limits.idleTimeout * 1000;
    this.#sweep = setInterval(() => {
      const now = performance.now();
      for (const client of this.#clients) {
        if (limit > 0) client.checkSilence(limit, now);
        this.#checkEnd(client);
      }
    }, limit > 0 ? Math.min(SWEEP_MS, limit / 4) : SWEEP_MS);
  }

  /** From now on nobody is served any more who is not yet. */
  close(): void {
    this.#ending = true;
    clearInterval(this.#sweep);
  }

  /** Ends every connection: when it has drained, or at the limit at once. A session that never ends is left behind. */
  async drain(): Promise<void> {
    this.close();
    for (const client of this.#clients) void client.drain();
    const since = performance.now();
    for (let aborted = false; this.#clients.size > 0;) {
      const waited = performance.now() - since;
      if (waited > DRAIN_LIMIT_MS + ABORT_LIMIT_MS) break;
      if (waited > DRAIN_LIMIT_MS && !aborted) {
        aborted = true;
        for (const client of this.#clients) client.abort("server stopped");
      }
      await new Promise((resume) => setTimeout(resume, 10));
    }
    for (const client of this.#clients) client.leaveBehind();
  }

  /** A session that does not end although its connection is closed gives its place back at the second sweep. */
  #checkEnd(client: Client): void {
    if (!client.isStuck) return;
    if (!this.#stuck.delete(client)) return void this.#stuck.add(client);
    client.leaveBehind();
    this.#remove(client, networkOf(client.connection.remote.address));
  }

  #remove(client: Client, network: string): void {
    if (!this.#clients.delete(client)) return; // it was left behind
    this.#stuck.delete(client);
    const connected = this.#perNetwork.get(network)! - 1;
    if (connected > 0) this.#perNetwork.set(network, connected);
    else this.#perNetwork.delete(network);
    this.#context.counters.giveBack();
  }

  #refuse(socket: Socket, why: string): void {
    const { counters, log } = this.#context;
    const refused = counters.refuse();
    socket.close();
    const peer = formatAddress(socket.remote);
    log.record("warn", "client.refused", `Client ${peer} was closed at once: ${why}`, { peer, refused });
  }
}
