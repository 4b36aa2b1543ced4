/**
 * The reset of a connection on Deno, which has neither a reset nor `SO_LINGER`.
 *
 * @module
 */
import process from "node:process";

/** Limit of waiting for pending reads and writes, in milliseconds. */
const MAX_WAIT_MS = 1000;
/** A certificate that has no end: `Deno.startTls` refuses it. */
const brokenCertificate = "-----BEGIN CERTIFICATE-----\n";

/** The handle of TCP sockets that Deno has for `node:net`. */
interface TcpHandle {
  /** Opens a copy of the descriptor of a connection; 0: done. */
  openFromRid(rid: number): number;
  /** Sets `SO_LINGER` to 0, for all copies of the descriptor, and closes this copy. */
  reset(): number;
  close(): void;
}

/**
 * Closes a connection so that the peer sees a reset. Over TLS it is an ordinary close.
 *
 * `pending`: reads and writes that are pending. `conn.close()` would cancel them, and send the end of the stream before
 * the reset; `closeByTls` fails meanwhile. So it is reset once they have ended, or closed after 1 s.
 */
export function resetConn(conn: Deno.Conn, pending: readonly Promise<unknown>[]): void {
  if (!isTcp(conn)) return close(conn);
  if (pending.length === 0) return closeByTls(conn);
  conn.unref(); // at the end of the process the system resets the connection
  const timer = setTimeout(() => close(conn), MAX_WAIT_MS);
  Deno.unrefTimer(timer);
  void Promise.allSettled(pending).then(() => {
    clearTimeout(timer);
    closeByTls(conn);
  });
}

function isTcp(conn: Deno.Conn): conn is Deno.TcpConn {
  return "setNoDelay" in conn;
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // The runtime has closed it already.
  }
}

/**
 * Closes a descriptor with no word to the peer before: `Deno.startTls` takes the socket out of the connection, finds no
 * certificate, and drops it. With `SO_LINGER` 0 or with unread bytes the system then resets the connection.
 */
function closeByTls(conn: Deno.TcpConn): void {
  setLinger(conn);
  Deno.startTls(conn, { caCerts: [brokenCertificate] }).then(close, () => close(conn));
}

/** Sets `SO_LINGER` to 0 by a copy of the descriptor, where this version of Deno has one. */
function setLinger(conn: Deno.TcpConn): void {
  try {
    const key = Object.getOwnPropertySymbols(conn).find(({ description }) => description === "Deno.internal.rid")!;
    const rid = (conn as unknown as Record<symbol, number>)[key];
    const { binding } = process as unknown as { binding(name: string): { TCP: new (type: number) => TcpHandle } };
    const handle = new (binding("tcp_wrap").TCP)(0);
    if (handle.openFromRid(rid) === 0) handle.reset();
    handle.close();
  } catch {
    // Without it the connection is reset only if it has unread bytes.
  }
}
