/**
 * The clients of one thread: accepted within the limit, watched for silence, drained at the end.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import type { ServiceLog } from "../service_log.ts";
import { Connection } from "../transport/connection.ts";
import { formatAddress, type ListenEvents, type Socket } from "../runtime/socket.ts";
import type { Counters } from "./counters.ts";
import type { Gate } from "../access/gate.ts";
import type { ServerSettings } from "./options.ts";
import { Peer, type PeerContext } from "./peer.ts";
import { TrafficLog } from "./traffic_log.ts";

/** What is left of a drain after this long is ended at once, in milliseconds. */
const DRAIN_LIMIT_MS = 4000;
/** What has not ended this long after that is waited for no longer, in milliseconds. */
const ABORT_LIMIT_MS = 500;

/** What serving clients takes. */
export interface ClientsContext {
  readonly settings: ServerSettings;
  readonly gate: Gate;
  readonly log: ServiceLog;
  readonly counters: Counters;
  /** A client that may said `stop`. */
  stopRequested(by: string): void;
}

/** The clients of one thread; a listener gives them to it. */
export class Clients implements ListenEvents {
  readonly #context: PeerContext & ClientsContext;
  readonly #peers = new Set<Peer>();
  #sweep: ReturnType<typeof setInterval> | undefined;
  #ending = false;

  constructor(context: ClientsContext) {
    this.#context = { ...context, trafficLog: new TrafficLog(context.log) };
  }

  /** Serves a client, if there is a place for it. */
  connection(socket: Socket): void {
    const { settings, counters, log } = this.#context;
    if (this.#ending || !counters.take(settings.maxConnections)) return this.#refuse(socket);
    let peer: Peer;
    try {
      peer = new Peer(counters.next(), new Connection(socket), this.#context);
    } catch (error) { // the service has failed for this client: the others are served
      counters.giveBack();
      socket.close();
      const name = formatAddress(socket.remote);
      log.record("error", "connection.failed", `Client ${name} cannot be served: ${messageOf(error)}`, { peer: name });
      return;
    }
    this.#peers.add(peer);
    void peer.serve().then(() => {
      this.#peers.delete(peer);
      counters.giveBack();
    });
  }

  /** Accepting failed. */
  error(error: unknown): void {
    this.#context.log.record("warn", "accept.failed", messageOf(error));
  }

  /** From now on ends connections that are silent for too long, if the settings say so. */
  watchSilence(): void {
    const limit = this.#context.settings.idleTimeout * 1000;
    if (limit === 0) return;
    this.#sweep = setInterval(() => {
      const now = performance.now();
      for (const peer of this.#peers) peer.checkSilence(limit, now);
    }, Math.min(1000, limit / 4));
  }

  /** From now on nobody is served any more who is not yet. */
  close(): void {
    this.#ending = true;
    clearInterval(this.#sweep);
  }

  /** Ends every connection: when it has drained, or at the limit at once. A handler that never returns is left behind. */
  async drain(): Promise<void> {
    this.close();
    for (const peer of this.#peers) void peer.drain();
    const since = performance.now();
    for (let aborted = false; this.#peers.size > 0;) {
      const waited = performance.now() - since;
      if (waited > DRAIN_LIMIT_MS + ABORT_LIMIT_MS) break;
      if (waited > DRAIN_LIMIT_MS && !aborted) {
        aborted = true;
        for (const peer of this.#peers) peer.abort("server stopped");
      }
      await new Promise((resume) => setTimeout(resume, 10));
    }
    for (const peer of this.#peers) peer.leaveBehind();
  }

  #refuse(socket: Socket): void {
    const { settings, counters, log } = this.#context;
    const refused = counters.refuse();
    socket.close();
    const peer = formatAddress(socket.remote);
    const why = this.#ending ? "the server is stopping" : `${settings.maxConnections} clients are connected, the limit`;
    log.record("warn", "client.refused", `Client ${peer} was closed at once: ${why}`, { peer, refused });
  }
}
