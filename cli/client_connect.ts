/**
 * Connecting, for both ways of the client.
 *
 * @module
 */
import { EchopipeError } from "../src/errors.ts";
import type { ServiceLog } from "../src/service_log.ts";
import type { Connection } from "../src/transport/connection.ts";
import { connect } from "../src/transport/open.ts";
import { formatAddress } from "../src/runtime/socket.ts";
import type { ClientValues } from "./client.ts";
import { beforeExit } from "./command.ts";
import { CommandError, Status, statusOf } from "./status.ts";
import { readCertificates } from "./text_file.ts";

/** A connection, and how its end is logged. */
export interface Connected {
  readonly connection: Connection;
  /** `ADDRESS:PORT` of the server. */
  readonly peer: string;
  /** Logs `disconnected`, once; whatever ends the process, it is logged. */
  disconnected(reason: string): void;
}

/**
 * Connects within the time the flags allow.
 *
 * @throws {CommandError} status 3 if no connection could be made, 4 if it took too long
 */
export async function connectAsTold(values: ClientValues, log: ServiceLog): Promise<Connected> {
  const { host, port, timeout } = values;
  const ca = values.tlsCa === undefined ? undefined : readCertificates("--tls-ca", values.tlsCa);
  const tls = values.tls || ca !== undefined ? { ca } : undefined;
  const where = formatAddress({ address: host, port });
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new EchopipeError("timed-out", `Cannot connect to ${where}: no answer in ${timeout} s`)),
    timeout * 1000,
  );
  let connection: Connection;
  try {
    connection = await connect({ host, port, tls, signal: limit.signal });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.record("error", "connect.failed", message, { peer: where });
    const status = limit.signal.aborted ? Status.timedOut : statusOf(error);
    throw new CommandError(status === Status.timedOut ? status : Status.notConnected, message, error);
  } finally {
    clearTimeout(timer);
  }
  const began = performance.now();
  const peer = formatAddress(connection.remote);
  log.record("info", "connected", `Connected to ${peer} from ${formatAddress(connection.local)}`, { peer });
  let over = false;
  const disconnected = (reason: string) => {
    if (over) return;
    over = true;
    const { received, sent } = connection.traffic;
    log.record("info", "disconnected", `Disconnected from ${peer}: ${reason}`, {
      peer,
      reason,
      received_bytes: received,
      sent_bytes: sent,
      duration_ms: Math.round(performance.now() - began),
    });
  };
  beforeExit(() => disconnected("interrupted"));
  return { connection, peer, disconnected };
}
