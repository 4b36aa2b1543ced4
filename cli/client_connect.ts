/**
 * Connecting, for the interactive and the bulk client.
 *
 * @module
 */
import { isIP } from "node:net";
import { ClientConnection } from "../src/client/client_connection.ts";
import { messageOf } from "../src/errors.ts";
import type { ServiceLog } from "../src/service_log.ts";
import type { Connection } from "../src/transport/connection.ts";
import { connectSocket } from "../src/transport/connect_socket.ts";
import { type ConnectOptions, formatAddress, unixAddress } from "../src/runtime/socket.ts";
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
  const { host, port, timeout, unix } = values;
  const ca = values.tlsCa === undefined ? undefined : readCertificates("--tls-ca", values.tlsCa);
  const tls = values.tls || ca !== undefined ? { ca } : undefined;
  const where = formatAddress(unix === undefined ? { address: host, port } : unixAddress(unix));
  const at = unix === undefined ? { host, port, family: familyOf(values) } : { path: unix };
  const options: ConnectOptions = { ...at, tls, timeout: Math.ceil(timeout * 1000) };
  let connection: Connection;
  try {
    connection = new ClientConnection(await connectSocket(options));
  } catch (error) {
    const message = messageOf(error) + (/it does not speak TLS$/.test(messageOf(error)) ? "; leave out --tls" : "");
    log.record("error", "connect.failed", message, { peer: where });
    const status = statusOf(error);
    const known = status === Status.timedOut || status === Status.usage;
    throw new CommandError(known ? status : Status.notConnected, message, error);
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

/** The family of addresses that `-4` or `-6` asks for. */
function familyOf({ host, ipv4, ipv6 }: ClientValues): 4 | 6 | undefined {
  const family = ipv4 ? 4 : ipv6 ? 6 : undefined;
  const kind = isIP(host);
  if (family === undefined || kind === 0 || kind === family) return family;
  throw new CommandError(Status.usage, `Cannot use -${family} with --host ${host}: it is an IPv${kind} address`);
}
