/**
 * Listening on Deno.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import type { Address, Listener, ListenEvents, ListenOptions } from "../socket.ts";
import { BACKLOG, formatAddress } from "../socket.ts";
import { acceptAll, type AcceptedSocket } from "./accept.ts";
import { systemError } from "../system_error.ts";

/** Delay before listening on the port again, in milliseconds. */
const LISTEN_PAUSE_MS = 50;

/** Number of tries to listen on a port again. */
const LISTEN_TRIES = 20;

/** True if Deno runs with `--unstable-net`. Without the flag, `reusePort` would end the process. */
const unstableNet = "listenDatagram" in Deno;

/** The address of a TCP socket. */
export const addressOf = (addr: Deno.Addr): Address => {
  const { hostname, port } = addr as Deno.NetAddr;
  return { address: hostname, port };
};

/** Listens; `makeSocket` makes the socket of each connection. */
export function listenOn(
  options: ListenOptions,
  events: ListenEvents,
  makeSocket: (conn: Deno.TcpConn | Deno.TlsConn) => AcceptedSocket,
): Promise<Listener> {
  const { host = "127.0.0.1", port = 0, tls, reusePort = false } = options;
  let listener: Deno.Listener<Deno.TcpConn | Deno.TlsConn> | undefined;
  let open = true;
  let accepting: Promise<void>;
  const begin = (port: number, secure = tls) => {
    const opened = secure
      ? Deno.listenTls({ hostname: host, port, cert: secure.cert, key: secure.key, reusePort })
      : Deno.listen({ hostname: host, port, reusePort, tcpBacklog: BACKLOG });
    listener = opened;
    accepting = acceptAll(opened, events, makeSocket, () => open && listener === opened);
    return addressOf(opened.addr);
  };
  let address: Address;
  if (reusePort && !unstableNet) {
    return Promise.reject(
      new EchopipeError("permission", "Cannot share a port on Deno without its flag --unstable-net"),
    );
  }
  try {
    address = begin(port);
  } catch (error) {
    return Promise.reject(systemError(`Cannot listen on ${formatAddress({ address: host, port })}`, error));
  }
  return Promise.resolve({
    address,
    async setCertificate(secure) {
      if (!open || tls === undefined) return;
      const replaced = listener;
      listener = undefined;
      replaced?.close();
      await accepting; // the port is free when the pending accept has ended
      for (let tries = 1; open; tries++) {
        try {
          return void begin(address.port, secure);
        } catch (error) {
          if (tries === LISTEN_TRIES) throw systemError(`Cannot listen on ${formatAddress(address)} again`, error);
          await new Promise((resume) => setTimeout(resume, LISTEN_PAUSE_MS));
        }
      }
    },
    async close() {
      if (!open) return;
      open = false;
      listener?.close();
      await accepting;
    },
  });
}
