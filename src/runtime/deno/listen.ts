/**
 * Listening on Deno.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import type { Address, Listener, ListenEvents, ListenOptions, Socket } from "../socket.ts";
import { BACKLOG, formatAddress } from "../socket.ts";
import { systemError } from "../system_error.ts";

/** Pause after a failed accept, in milliseconds: time for file descriptors to become free. */
const ACCEPT_PAUSE_MS = 50;

/** Number of tries to listen on a port again. */
const LISTEN_TRIES = 20;

/** True if Deno runs with `--unstable-net`. Without the flag, `reusePort` would end the process. */
const unstableNet = "listenDatagram" in Deno;

/** The address of a TCP socket. */
export const addressOf = (addr: Deno.Addr): Address => {
  const { hostname, port } = addr as Deno.NetAddr;
  return { address: hostname, port };
};

/** A socket of a connection that was accepted. */
interface AcceptedSocket extends Socket {
  /** Begins the TLS handshake with a client. */
  shakeHands(conn: Deno.TlsConn): void;
}

/** Accepts connections until the listener is closed. A failure is reported, and accepting goes on. */
async function acceptAll(
  listener: Deno.Listener<Deno.TcpConn | Deno.TlsConn>,
  events: ListenEvents,
  makeSocket: (conn: Deno.TcpConn | Deno.TlsConn) => AcceptedSocket,
  open: () => boolean,
): Promise<void> {
  while (open()) {
    try {
      const conn = await listener.accept();
      const socket = makeSocket(conn);
      try {
        if (events.admits?.(socket.remote) === false) {
          socket.close();
          continue;
        }
        if ("setNoDelay" in conn) {
          conn.setNoDelay(true);
          conn.setKeepAlive(true);
        } else {
          socket.shakeHands(conn);
        }
      } catch (error) {
        socket.close();
        throw error;
      }
      events.connection(socket);
    } catch (error) {
      if (!open()) return;
      const failure = systemError("Cannot accept a connection", error);
      events.error(failure);
      if (failure.code === "reset") continue; // one client has left: no reason to pause
      await new Promise((resume) => setTimeout(resume, ACCEPT_PAUSE_MS));
    }
  }
}

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
          await new Promise((resume) => setTimeout(resume, ACCEPT_PAUSE_MS));
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
