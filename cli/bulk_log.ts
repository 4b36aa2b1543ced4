/**
 * The `data.*` records of bulk echo.
 *
 * @module
 */
import type { BulkProgress } from "../src/client/bulk.ts";
import { count, type ServiceLog } from "../src/service_log.ts";

/** Minimum time between two sums, in milliseconds. */
const INTERVAL_MS = 1000;

/** Sums what was sent and received: logs the first at once, then one sum a second, and the rest at the end. */
export class BulkLog {
  readonly #log: ServiceLog;
  readonly #peer: string;
  #now: BulkProgress = { sent: 0, received: 0, chunks: { sent: 0, received: 0 } };
  #logged = this.#now;
  #loggedAt = -Infinity;

  /** `peer`: `ADDRESS:PORT` of the server. */
  constructor(log: ServiceLog, peer: string) {
    this.#log = log;
    this.#peer = peer;
  }

  /** Takes the progress, and logs the sums if they are due. */
  update(now: BulkProgress): void {
    this.#now = now;
    if (now.sent > 0 && performance.now() - this.#loggedAt >= INTERVAL_MS) this.flush();
  }

  /** Logs what is not logged yet. */
  flush(): void {
    this.#loggedAt = performance.now();
    this.#record("data.sent", "Sent", "to", "sent");
    this.#record("data.received", "Received", "from", "received");
    this.#logged = this.#now;
  }

  #record(event: string, verb: string, preposition: string, way: "sent" | "received"): void {
    const bytes = this.#now[way] - this.#logged[way];
    if (bytes === 0) return;
    const chunks = this.#now.chunks[way] - this.#logged.chunks[way];
    const peer = this.#peer;
    const message = `${verb} ${count(bytes, "byte")} in ${count(chunks, "chunk")} ${preposition} ${peer}`;
    this.#log.record("info", event, message, { peer, bytes, chunks });
  }
}
