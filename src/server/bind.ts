/**
 * Finding a port to listen on.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Listener, ListenEvents, ListenOptions } from "../transport/socket.ts";
import { transport } from "../transport/mod.ts";

/** How many ports beyond the wanted one are tried. */
const PORTS_TRIED = 100;

/**
 * Listens on the wanted port or, unless `strict`, the next free one of the 100 above it; `taken` hears of each that was
 * not free.
 *
 * @throws {EchopipeError} `address-in-use` if none is free, and what else listening throws
 */
export async function bind(
  options: ListenOptions & { readonly port: number },
  events: ListenEvents,
  strict: boolean,
  taken: (port: number) => void,
): Promise<Listener> {
  const last = Math.min(options.port + PORTS_TRIED, 65535);
  for (let port = options.port;; port++) {
    try {
      return await transport.listen({ ...options, port }, events);
    } catch (error) {
      const inUse = error instanceof EchopipeError && error.code === "address-in-use";
      if (!inUse || strict || port === 0) throw error;
      if (port >= last) {
        throw new EchopipeError(
          "address-in-use",
          `Cannot listen on ${options.host}: the ports ${options.port} to ${last} are all in use`,
          { cause: error },
        );
      }
      taken(port);
    }
  }
}
