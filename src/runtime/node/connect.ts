/**
 * Connecting on Node.
 *
 * @module
 */
import net from "node:net";
import { EchopipeError } from "../../errors.ts";
import { type ConnectAttempt, formatAddress, type Socket, unixAddress } from "../socket.ts";
import { systemError } from "../system_error.ts";
import { NodeSocket } from "./socket.ts";

/** Time without traffic after which the system asks whether the peer is still there, in milliseconds (RFC 9293, 3.8.4). */
export const KEEP_ALIVE_MS = 60_000;

/** Connects to one address, or to a name that the runtime looks up. */
export function connectTo({ at, signal, noDelay, keepAlive }: ConnectAttempt): Promise<Socket> {
  const { address, port, path } = at;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const socket = path === undefined
      ? net.connect({
        host: address,
        port,
        noDelay,
        keepAlive,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
        allowHalfOpen: true,
      })
      : net.connect({ path, allowHalfOpen: true });
    const settle = () => {
      socket.removeListener("error", fail);
      signal?.removeEventListener("abort", abort);
    };
    const fail = (error: unknown) => {
      settle();
      socket.on("error", () => {}); // only the first failure is reported
      socket.destroy();
      reject(signal?.aborted ? signal.reason : systemError(`Cannot connect to ${formatAddress(at)}`, error));
    };
    const abort = () => fail(signal?.reason);
    socket.once("error", fail);
    signal?.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => {
      settle();
      resolve(new NodeSocket(socket, { local: path === undefined ? undefined : unixAddress(""), remote: at }));
    });
  });
}

/** Wraps a connected socket of Node, plain or TLS. */
export function adopt(connection: unknown): Socket {
  if (!(connection instanceof net.Socket)) {
    throw new EchopipeError("invalid-argument", `Cannot adopt a ${typeof connection}: expected a net.Socket`);
  }
  const wrong = connection.connecting ? "it is still connecting" : connection.destroyed ? "it is closed" : undefined;
  if (wrong !== undefined) {
    throw new EchopipeError("invalid-argument", `Cannot adopt a socket: ${wrong}; expected a connected one`);
  }
  connection.allowHalfOpen = true;
  const unix = connection.remoteAddress === undefined ? unixAddress("") : undefined;
  return new NodeSocket(connection, { local: unix, remote: unix });
}
