/**
 * The port of a chat server.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../src/errors.ts";
import { type DatagramPort, openDatagrams } from "../src/transport/datagram.ts";
import type { ServiceLog } from "../src/service_log.ts";

/** How many ports beyond the wanted one are tried. */
const PORTS_TRIED = 100;

/**
 * Opens the wanted port for datagrams or, unless `strictPort`, the next free one of the 100 above it.
 *
 * @throws {EchopipeError} `address-in-use` if none is free, and what else opening throws
 */
export async function openChatPort(
  { host, port: wanted, strictPort = false }: { host: string; port: number; strictPort?: boolean },
  log: ServiceLog,
): Promise<DatagramPort> {
  const onError = (error: unknown) => log.record("warn", "datagram.failed", messageOf(error));
  for (let port = wanted;; port++) {
    try {
      return await openDatagrams({ host, port, onError });
    } catch (error) {
      const inUse = error instanceof EchopipeError && error.code === "address-in-use";
      if (!inUse || strictPort || port === 0 || port >= Math.min(wanted + PORTS_TRIED, 65535)) throw error;
      log.record("warn", "port.in_use", `Port ${port} is in use: trying the next`, { port });
    }
  }
}
