/**
 * Connecting, for the interactive and the bulk client.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { EchopipeError, messageOf } from "../src/errors.ts";
import type { ServiceLog } from "../src/service_log.ts";
import type { Connection } from "../src/transport/connection.ts";
import { connect } from "../src/transport/open.ts";
import { formatAddress } from "../src/runtime/socket.ts";
import type { ClientValues } from "./client_values.ts";
import { beforeExit } from "./command.ts";
import { CommandError, Status, statusOf } from "./status.ts";
import { readCertificates } from "./text_file.ts";

/** A connection whose end is logged. */
export interface Connected {
  readonly connection: Connection;
  /** `ADDRESS:PORT` of the server. */
  readonly peer: string;
  /** Logs `disconnected`, once; `interrupted` where something else ends the process. */
  disconnected(reason: string): void;
}

/**
 * Connects to the server that the flags name, within `--timeout`.
 *
 * @throws {CommandError} status 3 if no connection could be made, 4 if it took too long
 */
export async function connectToServer(values: ClientValues, log: ServiceLog): Promise<Connected> {
  const { host, port, timeout } = values;
  const ca = values.tlsCa === undefined ? undefined : readCertificates("--tls-ca", values.tlsCa);
  const tls = values.tls || ca !== undefined ? { ca } : undefined;
  const where = formatAddress({ address: host, port });
  const family = values.ipv4 ? 4 : values.ipv6 ? 6 : undefined;
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new EchopipeError("timed-out", `Cannot connect to ${where}: no answer in ${timeout} s`)),
    timeout * 1000,
  );
  let connection: Connection;
  try {
    connection = await connect({
      host: await addressOf(host, family, tls !== undefined),
      port,
      tls,
      signal: limit.signal,
    });
  } catch (error) {
    const message = messageOf(error);
    log.record("error", "connect.failed", message, { peer: where });
    if (error instanceof CommandError) throw error;
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

/** An address of the host in the family that `-4` or `-6` asks for; the host itself without either. */
async function addressOf(host: string, family: 4 | 6 | undefined, tls: boolean): Promise<string> {
  if (family === undefined || isIP(host) === family) return host;
  if (isIP(host) !== 0) {
    throw new CommandError(
      Status.usage,
      `Cannot use -${family} with --host ${host}: it is an IPv${isIP(host)} address`,
    );
  }
  // TLS checks the certificate against the host that is connected to: an address would not match.
  if (tls) {
    throw new CommandError(
      Status.usage,
      `Cannot use -${family} with --tls and a host name; expected an IPv${family} address`,
    );
  }
  try {
    return (await lookup(host, { family })).address;
  } catch (cause) {
    const message = `Cannot connect to ${host}: no IPv${family} address is known for that name`;
    throw new EchopipeError("host-not-found", message, { cause });
  }
}
