/**
 * A server that speaks TLS to a plain client: found out after the failure, since it may close the connection before its
 * answer is read.
 *
 * @module
 */
import { EchopipeError } from "../src/errors.ts";
import { formatAddress } from "../src/runtime/socket.ts";
import type { Connection } from "../src/transport/connection.ts";
import { connect } from "../src/transport/open.ts";
import type { ClientValues } from "./client_values.ts";
import { CommandError, Status } from "./status.ts";

/** Time for the handshake that is tried, in milliseconds. */
const PROBE_MS = 2000;

/**
 * Returns the failure of a conversation; for a plain one in which nothing was received, and whose server speaks TLS, a
 * failure that says so.
 */
export async function withTlsHint(error: unknown, values: ClientValues, connection: Connection): Promise<unknown> {
  const { tls, remote, traffic } = connection;
  if (tls !== undefined || remote.path !== undefined || traffic.received > 7) return error;
  if (!await speaksTls(values)) return error;
  const message = `Cannot talk to ${formatAddress(remote)}: it speaks TLS; expected --tls`;
  return new CommandError(Status.notConnected, message, error);
}

/** True for a server that answers a TLS handshake, whatever its certificate. */
async function speaksTls({ host, port }: ClientValues): Promise<boolean> {
  try {
    (await connect({ host, port, tls: {}, timeout: PROBE_MS })).abort();
    return true;
  } catch (error) {
    return error instanceof EchopipeError && error.code === "tls" &&
      !/does not speak TLS|: TLS failed/.test(error.message);
  }
}
