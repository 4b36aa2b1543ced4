/**
 * The clients of one thread.
 *
 * @module
 */
import { isLoopback, networkOf } from "../addresses.ts";
import { messageOf } from "../errors.ts";
import { AddressLimits } from "../rate.ts";
import { type Address, formatAddress, type ListenEvents, type Socket } from "../runtime/socket.ts";
import type { ServiceLog } from "../service_log.ts";
import { Connection } from "../transport/connection.ts";
import { AddressLogs } from "./address_log.ts";
import { Client, type ClientContext } from "./client.ts";
import type { Counters } from "./counters.ts";
import { Admission } from "./networks.ts";
import { Timeouts } from "./timeouts.ts";
import { TrafficLog } from "./traffic_log.ts";

/** Time limit of a drain, in milliseconds: connections that are left are ended at once. */
const DRAIN_LIMIT_MS = 4000;
/** A session that has not ended this long after its connection is waited for no longer, in milliseconds. */
const ABORT_LIMIT_MS = 500;
/** Time between two looks at all clients, in milliseconds. */
const SWEEP_MS = 1000;
/** New connections at once from one address, as a multiple of those a second. */
const BURST = 10;
/** Number of addresses whose rate is remembered. */
const MAX_ADDRESSES = 10_000;

/** A refusal: its stable code, and the reason in words. */
type Refusal = readonly [code: "not-allowed" | "rate" | "address-limit" | "limit" | "stopping", why: string];

/** The parts that serving clients takes. */
export interface ClientsContext extends Omit<ClientContext, "trafficLog"> {
  readonly log: ServiceLog;
  /** Makes the connection of a socket. Default: a {@linkcode Connection}. */
  readonly wrap?: (socket: Socket) => Connection;
  readonly counters: Counters;
}

/** Accepts clients within the limits, watches them, and drains them at the end; a listener gives them to it. */
export class Clients implements ListenEvents {
  readonly #context: ClientsContext & ClientContext;
  readonly #logs: AddressLogs;
  readonly #admission: Admission;
  readonly #rates: AddressLimits | undefined;
  readonly #clients = new Set<Client>();
  /** Connections by network. */
  readonly #perNetwork = new Map<string, number>();
  #sweep: ReturnType<typeof setInterval> | undefined;
  #ending = false;

  /** Serves within the limits. Throws `invalid-argument` for a network that is none. */
  constructor(context: ClientsContext) {
    const { log, limits: { allow, deny, maxConnectionRate: rate } } = context;
    this.#context = { ...context, trafficLog: new TrafficLog(log) };
    this.#logs = new AddressLogs(log);
    this.#admission = new Admission(allow, deny);
    if (rate > 0) this.#rates = new AddressLimits({ perSecond: rate, atOnce: BURST * rate }, MAX_ADDRESSES);
  }

  /** Decides about an accepted connection, before its TLS handshake. */
  admits(remote: Address, pending = 0): boolean {
    const why = this.#refusal(remote.address, pending);
    if (why !== undefined) this.#refused(remote, why);
    return why === undefined;
  }

  /** Serves a client, if there is a place for it. */
  connection(socket: Socket): void {
    const { limits, counters, wrap = (socket) => new Connection(socket) } = this.#context;
    const { address } = socket.remote;
    const network = networkOf(address);
    const connected = this.#perNetwork.get(network) ?? 0;
    if (this.#ending) return this.#refuse(socket, ["stopping", "the server is stopping"]);
    if (connected >= limits.maxConnectionsPerAddress) {
      return this.#refuse(socket, ["address-limit", `${connected} clients of its address are connected, the limit`]);
    }
    if (!counters.take(limits.maxConnections)) {
      return this.#refuse(socket, ["limit", `${limits.maxConnections} clients are connected, the limit`]);
    }
    const log = this.#logs.of(address);
    let client: Client;
    try {
      client = new Client(counters.next(), socket, wrap(socket), log, this.#context);
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
    const { code } = error as { code?: string };
    this.#logs.of("").record("warn", "accept.failed", messageOf(error), { code });
  }

  /** From now on looks after the clients: timeouts, and sessions that do not end. */
  watch(): void {
    this.#sweep = setInterval(() => {
      const now = performance.now();
      for (const client of this.#clients) {
        client.look(now);
        if (!client.isStuck(now)) continue;
        client.leaveBehind();
        this.#remove(client, networkOf(client.connection.remote.address));
      }
    }, Timeouts.interval(this.#context.limits, SWEEP_MS));
  }

  /** From now on nobody is served any more who is not yet. */
  close(): void {
    this.#ending = true;
    clearInterval(this.#sweep);
  }

  /**
   * Ends every connection: when it has drained, or after `limit` milliseconds at once. A session that never ends is left
   * behind.
   */
  async drain(limit: number = DRAIN_LIMIT_MS): Promise<void> {
    this.close();
    for (const client of this.#clients) void client.drain();
    const since = performance.now();
    for (let aborted = false; this.#clients.size > 0;) {
      const waited = performance.now() - since;
      if (waited > limit + ABORT_LIMIT_MS) break;
      if (waited > limit && !aborted) {
        aborted = true;
        for (const client of this.#clients) client.abort("server stopped");
      }
      await new Promise((resume) => setTimeout(resume, 10));
    }
    for (const client of this.#clients) client.leaveBehind();
    this.#logs.flush();
  }

  #remove(client: Client, network: string): void {
    if (!this.#clients.delete(client)) return; // it was left behind
    const connected = this.#perNetwork.get(network)! - 1;
    if (connected > 0) this.#perNetwork.set(network, connected);
    else this.#perNetwork.delete(network);
    this.#context.counters.giveBack();
  }

  #refusal(address: string, pending: number): Refusal | undefined {
    if (!this.#admission.admits(address)) return ["not-allowed", "its address is not allowed"];
    const { limits: { maxConnections }, counters } = this.#context;
    if (pending > 0 && counters.open + pending >= maxConnections) {
      return ["limit", `${maxConnections} clients are connected, or at their TLS handshake, the limit`];
    }
    if (this.#rates === undefined || isLoopback(address) || this.#rates.admit(address, performance.now())) return;
    const { maxConnectionRate } = this.#context.limits;
    return ["rate", `its address connects more than ${maxConnectionRate} times a second`];
  }

  #refuse(socket: Socket, why: Refusal): void {
    socket.close();
    this.#refused(socket.remote, why);
  }

  #refused(remote: Address, [code, why]: Refusal): void {
    const refused = this.#context.counters.refuse();
    const peer = formatAddress(remote);
    this.#logs.of(remote.address).record("warn", "client.refused", `Client ${peer} was closed at once: ${why}`, {
      peer,
      code,
      refused,
    });
  }
}
