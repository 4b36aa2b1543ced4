/**
 * Connecting on Deno, and TLS at the end that connects.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import { type Address, type ConnectAttempt, formatAddress, type StartTlsOptions, unixAddress } from "../socket.ts";
import { systemError } from "../system_error.ts";

/** A connection of Deno. */
export type DenoConn = Deno.TcpConn | Deno.TlsConn | Deno.UnixConn;

/** The address of one end. */
export function addressOf(addr: Deno.Addr): Address {
  if (addr.transport === "unix") return unixAddress(addr.path);
  const { hostname, port } = addr as Deno.NetAddr;
  return { address: hostname, port };
}

/** Sets the options of TCP; fails where the peer has reset the connection already. */
export function setOptions(conn: DenoConn, { noDelay, keepAlive }: { noDelay: boolean; keepAlive: boolean }): void {
  if (!("setNoDelay" in conn)) return;
  conn.setNoDelay(noDelay);
  if (keepAlive) conn.setKeepAlive(true);
}

/** Connects to one address, or to a name that the runtime looks up. */
export async function connectTo({ at, signal, ...options }: ConnectAttempt): Promise<DenoConn> {
  try {
    signal?.throwIfAborted();
    const conn = at.path === undefined
      ? await Deno.connect({ hostname: at.address, port: at.port, signal })
      : await Deno.connect({ transport: "unix", path: at.path });
    try {
      setOptions(conn, options);
    } catch (error) {
      conn.close();
      throw error;
    }
    return conn;
  } catch (error) {
    throw signal?.aborted ? signal.reason : systemError(`Cannot connect to ${formatAddress(at)}`, error);
  }
}

/** The refusal of an option that Deno cannot follow. */
function lacking(what: string, reason: string): EchopipeError {
  return new EchopipeError("invalid-argument", `Cannot start TLS ${what} on Deno: ${reason}`);
}

/** Performs the TLS handshake at the end that connects; closes the connection if it fails. */
export async function secure(conn: DenoConn, options: StartTlsOptions, host: string): Promise<{
  readonly conn: Deno.TlsConn;
  readonly alpn: string | undefined;
}> {
  let open: Deno.Conn = conn;
  const close = () => open.close();
  try {
    if (options.isServer) throw lacking("as the server", "it has no call for it; expected listen with tls, or Node");
    if (!("setNoDelay" in conn)) throw lacking("over a Unix socket or over TLS", "it has TLS over TCP only");
    const { ca, servername = host, alpn, cert, signal } = options;
    if (cert !== undefined) throw lacking("with a client certificate", "it takes none; expected Node");
    signal?.throwIfAborted();
    const alpnProtocols = alpn === undefined ? undefined : [...alpn];
    const secured = await Deno.startTls(conn, { hostname: servername, caCerts: ca ? [ca] : [], alpnProtocols });
    open = secured;
    signal?.addEventListener("abort", close, { once: true });
    try {
      return { conn: secured, alpn: (await secured.handshake()).alpnProtocol ?? undefined };
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", close);
    }
  } catch (error) {
    try {
      open.close();
    } catch {
      // The signal, or the runtime, has closed it already.
    }
    throw error;
  }
}
