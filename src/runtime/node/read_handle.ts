/**
 * The handle below a Node socket, by which reading stops at once.
 *
 * @module
 */
import type net from "node:net";

interface ReadHandle {
  readStart(): void;
  readStop(): void;
}

/** The handle below a socket; null once it is closed. `pause` would read one buffer more, and keep it meanwhile. */
export function handleOf(socket: net.Socket): ReadHandle | null {
  return (socket as unknown as { _handle: ReadHandle | null })._handle;
}
