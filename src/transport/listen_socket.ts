/**
 * Listening: options, and the file of a Unix socket.
 *
 * @module
 */
import { transport } from "../runtime/mod.ts";
import type { Listener, ListenEvents, ListenOptions } from "../runtime/socket.ts";
import { checkListen } from "./check_options.ts";
import { freePath } from "./unix_path.ts";

/**
 * Listens, and gives each connection to `events`. At a `path`, a socket that nobody listens on is replaced; the runtime
 * removes the own one when the listener is closed.
 *
 * @throws {EchopipeError} `invalid-argument`, `address-in-use`, `address-not-available`, `host-not-found`, `permission` or
 * `io`
 */
export async function listenSocket(options: ListenOptions, events: ListenEvents): Promise<Listener> {
  checkListen(options);
  const { listen } = await transport();
  const { path } = options;
  if (path !== undefined) await freePath(path);
  return await listen(options, events);
}
