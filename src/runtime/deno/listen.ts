/**
 * Listening on Deno.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import type { Address, Listener, ListenEvents, ListenOptions } from "../socket.ts";
import { BACKLOG, formatAddress } from "../socket.ts";
import { acceptAll, type AcceptedSocket } from "./accept.ts";
import { addressOf, type DenoConn } from "./connect.ts";
import { refusalOf } from "./refusals.ts";
import { systemError } from "../system_error.ts";

/** Delay before listening on the port again, in milliseconds. */
const LISTEN_PAUSE_MS = 50;

/** Number of tries to listen on a port again. */
const LISTEN_TRIES = 20;

/** True if Deno runs with `--unstable-net`. Without the flag, `reusePort` would end the process. */
const unstableNet = "listenDatagram" in Deno;

/** Listens; `makeSocket` makes the socket of each connection. */
export function listenOn(
  options: ListenOptions,
  events: ListenEvents,
  makeSocket: (conn: DenoConn) => AcceptedSocket,
): Promise<Listener> {
  const { host = "127.0.0.1", port = 0, path, tls, backlog = BACKLOG, reusePort = false } = options;
  const { noDelay = true, keepAlive = true } = options;
  let listener: Deno.Listener<DenoConn> | undefined;
  let open = true;
  let accepting: Promise<void>;
  const begin = (port: number, secure: { readonly cert: string; readonly key: string } | undefined = tls) => {
    const tcp = { hostname: host, port, reusePort, tcpBacklog: backlog };
    const alpnProtocols = tls?.alpn === undefined ? undefined : [...tls.alpn];
    const opened: Deno.Listener<DenoConn> = path !== undefined
      ? Deno.listen({ transport: "unix", path })
      : secure
      ? Deno.listenTls({ ...tcp, cert: secure.cert, key: secure.key, alpnProtocols })
      : Deno.listen(tcp);
    listener = opened;
    const isOpen = () => open && listener === opened;
    accepting = acceptAll(opened, events, makeSocket, { noDelay, keepAlive }, isOpen);
    return addressOf(opened.addr);
  };
  let address: Address;
  const refused = refusalOf(options);
  if (refused !== undefined) return Promise.reject(refused);
  if (reusePort && !unstableNet) {
    return Promise.reject(
      new EchopipeError("permission", "Cannot share a port on Deno without its flag --unstable-net"),
    );
  }
  try {
    address = begin(port);
  } catch (error) {
    return Promise.reject(systemError(`Cannot listen on ${formatAddress({ address: host, port, path })}`, error));
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
    setRef: (ref) => ref ? listener?.ref() : listener?.unref(),
  });
}
