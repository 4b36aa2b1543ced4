/**
 * A port that several threads listen on: the system gives each connection to one of them (socket(7), `SO_REUSEPORT`).
 *
 * @module
 */
import { transport } from "../runtime/mod.ts";
import type { Listener, ListenEvents, ListenOptions } from "../runtime/socket.ts";

/**
 * Listens on a port that other threads are to share, after making sure that nobody has it: the system would share it
 * with any program of the same user that allows so, and give each a part of the clients.
 *
 * The port is claimed without sharing, which fails where anybody listens, is given back at once, and is then listened on.
 * In between, some microseconds, another program may take it: one that does not share makes this fail with
 * `address-in-use`, and one that does is not noticed. A client that connects right then is closed or refused.
 *
 * @throws {EchopipeError} as {@linkcode transport.listen} does
 */
export async function listenShared(options: ListenOptions, events: ListenEvents): Promise<Listener> {
  const claim = await (await transport()).listen({ host: options.host, port: options.port }, {
    connection: (socket) => socket.close(),
    error() {}, // whom it could not accept, nobody wanted
  });
  await claim.close();
  return await (await transport()).listen({ ...options, port: claim.address.port, reusePort: true }, events);
}
