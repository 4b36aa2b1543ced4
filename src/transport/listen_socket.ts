/**
 * Listening: options, and the file of a Unix socket.
 *
 * @module
 */
import { transport } from "../runtime/mod.ts";
import type { Listener, ListenEvents, ListenOptions } from "../runtime/socket.ts";
import { checkListen } from "./check_options.ts";
import { freePath, removerOf } from "./unix_path.ts";

/**
 * Listens, and gives each connection to `events`. At a `path`, a socket that nobody listens on is replaced, and the own
 * one is removed when the listener is closed.
 *
 * @throws {EchopipeError} `invalid-argument`, `address-in-use`, `address-not-available`, `host-not-found`, `permission` or
 * `io`
 */
export async function listenSocket(options: ListenOptions, events: ListenEvents): Promise<Listener> {
  checkListen(options);
  const { listen } = await transport();
  const { path } = options;
  if (path === undefined) return await listen(options, events);
  await freePath(path);
  const { address, close, setRef } = await listen(options, events);
  const remove = await removerOf(path);
  return {
    address,
    setRef,
    async close() {
      await remove(); // first: a client that comes now is refused rather than left waiting
      await close();
    },
  };
}
