/**
 * The port of a chat server.
 *
 * @module
 */
import { messageOf } from "../src/errors.ts";
import { type DatagramPort, openDatagrams } from "../src/transport/datagram.ts";
import { firstFree } from "../src/transport/first_free.ts";
import type { ServiceLog } from "../src/service_log.ts";

/**
 * Opens the requested port for datagrams or, unless `strictPort`, the next free one of the 100 above it.
 *
 * @throws {EchopipeError} `address-in-use` if none is free, and what else opening throws
 */
export function openChatPort(
  { host, port: requested, strictPort = false }: { host: string; port: number; strictPort?: boolean },
  log: ServiceLog,
): Promise<DatagramPort> {
  const onError = (error: unknown) => log.record("warn", "datagram.failed", messageOf(error));
  return firstFree({ address: host, port: requested }, (port) => openDatagrams({ host, port, onError }), {
    strict: strictPort,
    taken: (port) => log.record("warn", "port.in_use", `Port ${port} is in use: trying the next`, { port }),
  });
}
