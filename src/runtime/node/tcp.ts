/**
 * The transport on Node, over node:net and node:tls.
 *
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import { NodeSocket } from "./socket.ts";
import type { ConnectOptions, Listener, ListenEvents, ListenOptions, Socket, Transport } from "../socket.ts";
import { BACKLOG, formatAddress } from "../socket.ts";
import { systemError } from "../system_error.ts";

/** Default time limit of a client's TLS handshake, in milliseconds. */
const HANDSHAKE_MS = 30_000;
/** Time without traffic after which the system asks whether the peer is still there, in milliseconds (RFC 9293, 3.8.4). */
const KEEP_ALIVE_MS = 60_000;
/** An option of `tls.connect` that its types lack. */
const halfOpen = { allowHalfOpen: true };

/**
 * Performs the TLS handshake with a client, then calls `accept`. `tls.Server` would leak the sockets of clients that
 * leave during the handshake: nothing closes its half-open sockets.
 */
function shakeHands(
  socket: net.Socket,
  secureContext: tls.SecureContext,
  limit: number,
  accept: (secured: net.Socket, socket: net.Socket) => void,
  report: (error: unknown) => void,
): void {
  const { remoteAddress: address = "", remotePort: port = 0 } = socket;
  const secured = new tls.TLSSocket(socket, { isServer: true, secureContext, ...halfOpen });
  const fail = (error: unknown) => {
    settle();
    secured.on("error", () => {}); // only the first failure is reported
    secured.destroy();
    report(systemError(`Cannot accept a TLS connection from ${formatAddress({ address, port })}`, error));
  };
  const end = () => fail({ code: "ENOTCONN" });
  const settle = () => {
    clearTimeout(timer);
    secured.off("error", fail).off("end", end).off("close", end);
  };
  const timer = limit > 0 ? setTimeout(() => fail({ code: "ERR_TLS_HANDSHAKE_TIMEOUT" }), limit) : undefined;
  secured.once("error", fail).once("end", end).once("close", end);
  secured.once("secure", () => {
    settle();
    accept(secured, socket);
  });
  secured.resume(); // without it the end of the stream is not noticed
}

/** Node's sockets. */
export const transport: Transport = {
  listen(options: ListenOptions, events: ListenEvents): Promise<Listener> {
    const { host = "127.0.0.1", port = 0, tls: secure, handshakeTimeout = HANDSHAKE_MS, reusePort = false } = options;
    const accept = (socket: net.Socket, tcp?: net.Socket) => {
      if (socket.remoteAddress !== undefined) return events.connection(new NodeSocket(socket, undefined, tcp));
      socket.on("error", () => {}); // reported below
      socket.destroy();
      events.error(systemError("Cannot accept a connection", { code: "ENOTCONN" }));
    };
    let secureContext = secure && tls.createSecureContext(secure);
    const onConnection = (socket: net.Socket) => {
      const { remoteAddress: address = "", remotePort: port = 0 } = socket;
      if (address !== "" && events.admits?.({ address, port }) === false) return void socket.destroy();
      if (secureContext === undefined) return accept(socket);
      shakeHands(socket, secureContext, handshakeTimeout, accept, (error) => events.error(error));
    };
    const server = net.createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      pauseOnConnect: true,
    }, onConnection);
    return new Promise((resolve, reject) => {
      const attempt = `Cannot listen on ${formatAddress({ address: host, port })}`;
      server.once("error", (error) => reject(systemError(attempt, error)));
      server.listen({ host, port, reusePort, backlog: BACKLOG }, () => {
        server.removeAllListeners("error");
        server.on("error", (error) => events.error(systemError("Cannot accept a connection", error)));
        const { address, port } = server.address() as net.AddressInfo;
        resolve({
          address: { address, port },
          setCertificate(secure) {
            secureContext &&= tls.createSecureContext(secure);
            return Promise.resolve();
          },
          close() {
            // Its callback would wait for all connections to close, and they stay open.
            if (server.listening) server.close();
            return Promise.resolve();
          },
        });
      });
    });
  },

  connect({ host = "127.0.0.1", port, tls: secure, signal }: ConnectOptions): Promise<Socket> {
    return new Promise((resolve, reject) => {
      let socket: net.Socket;
      try {
        socket = secure
          ? tls.connect({ host, port, ca: secure.ca, servername: net.isIP(host) ? undefined : host, ...halfOpen })
          : net.connect({ host, port, allowHalfOpen: true });
      } catch (error) { // a `ca` that is not valid PEM
        return reject(systemError(`Cannot connect to ${formatAddress({ address: host, port })}`, error));
      }
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      const settle = () => {
        socket.removeListener("error", fail);
        signal?.removeEventListener("abort", abort);
      };
      const fail = (error: unknown) => {
        settle();
        socket.on("error", () => {}); // only the first failure is reported
        socket.destroy();
        reject(systemError(`Cannot connect to ${formatAddress({ address: host, port })}`, error));
      };
      const abort = () => fail(signal?.reason);
      socket.once("error", fail);
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      socket.once(secure ? "secureConnect" : "connect", () => {
        settle();
        resolve(new NodeSocket(socket, { address: host, port }));
      });
    });
  },
};
