/**
 * Accepting connections on Deno.
 *
 * @module
 */
import type { ListenEvents, Socket, TcpOptions } from "../socket.ts";
import { systemError } from "../system_error.ts";
import { type DenoConn, setOptions } from "./connect.ts";

/** Pause after a failed accept, in milliseconds: time for file descriptors to become free. */
const PAUSE_MS = 50;
/** Time for which the same failure is not reported again, in milliseconds. */
const REPORT_MS = 10_000;

/** A socket of a connection that was accepted. */
export interface AcceptedSocket extends Socket {
  /** Begins the TLS handshake with a client. */
  shakeHands(conn: Deno.TlsConn): void;
}

/**
 * Accepts connections until the listener is closed, and passes each on as a socket. A failure is reported, and accepting
 * goes on. `for await` over the listener would end at the first failure.
 */
export async function acceptAll(
  listener: Deno.Listener<DenoConn>,
  events: ListenEvents,
  socketOf: (conn: DenoConn) => AcceptedSocket,
  options: Required<TcpOptions>,
  open: () => boolean,
): Promise<void> {
  let reported = { message: "", until: 0 };
  while (open()) {
    try {
      const conn = await listener.accept();
      const socket = socketOf(conn);
      try {
        if (!prepare(conn, socket, events, options)) continue;
      } catch (error) {
        socket.close();
        throw error;
      }
      events.connection(socket);
    } catch (error) {
      if (!open()) return;
      const failure = systemError("Cannot accept a connection", error);
      if (failure.code === "reset") { // one client has left: no reason to pause
        events.error(failure);
        continue;
      }
      if (failure.message !== reported.message || performance.now() >= reported.until) {
        reported = { message: failure.message, until: performance.now() + REPORT_MS };
        events.error(failure);
      }
      await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    }
  }
}

/** Sets a connection up; false: it is not admitted, and closed. */
function prepare(
  conn: DenoConn,
  socket: AcceptedSocket,
  events: ListenEvents,
  options: Required<TcpOptions>,
): boolean {
  if (socket.remote.path === undefined && events.admits?.(socket.remote) === false) {
    socket.close();
    return false;
  }
  setOptions(conn, options);
  if ("handshake" in conn) socket.shakeHands(conn);
  return true;
}
