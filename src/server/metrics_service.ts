/**
 * The metrics of one server: its figures, and the listener that gives them away.
 *
 * @module
 */
import { formatAddress } from "../runtime/socket.ts";
import type { ServiceLog } from "../service_log.ts";
import { Metrics } from "./metrics.ts";
import { type MetricsListener, serveMetrics } from "./metrics_http.ts";

/** The metrics of a server, from its start to its end. */
export class MetricsService {
  /** The log that the server writes to. */
  readonly log: ServiceLog;
  readonly #metrics: Metrics;
  #listener: MetricsListener | undefined;
  #serves = false;

  /** Counts what is written to `log`. */
  constructor(log: ServiceLog) {
    this.log = this.#metrics = new Metrics(log);
  }

  /**
   * Begins to listen and to measure. `connections` returns the number of open ones. Default host: `127.0.0.1`.
   *
   * @throws {EchopipeError} as `listen` does
   */
  async open(
    { host = "127.0.0.1", port }: { readonly host?: string; readonly port: number },
    connections: () => number,
  ): Promise<void> {
    const metrics = this.#metrics;
    this.#listener = await serveMetrics({ host, port }, {
      contentType: metrics.contentType,
      text: () => metrics.text(),
      isHealthy: () => this.#serves,
    });
    metrics.measure(connections);
    const address = formatAddress(this.#listener.address);
    this.log.record("info", "metrics.listening", `Metrics are at http://${address}/metrics`, { address });
  }

  /** Says whether the server is healthy: it serves, and does not drain. */
  set serves(serves: boolean) {
    this.#serves = serves;
  }

  /** Stops listening and measuring. */
  async close(): Promise<void> {
    this.#metrics.close();
    await this.#listener?.close();
  }
}
