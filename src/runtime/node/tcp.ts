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

/** A client that takes longer for its TLS handshake is dropped, in milliseconds. */
const HANDSHAKE_MS = 10_000;
/** Known to `tls.connect`, missing in its types. */
const halfOpen = { allowHalfOpen: true };

/**
 * Shakes hands with a client over TLS, then has it accepted. `tls.Server` would keep the socket of one that leaves before:
 * its half-open sockets are closed by nobody.
 */
function shakeHands(
  socket: net.Socket,
  secureContext: tls.SecureContext,
  accept: (socket: net.Socket) => void,
  report: (error: unknown) => void,
): void {
  const { remoteAddress: address = "", remotePort: port = 0 } = socket;
  const secured = new tls.TLSSocket(socket, { isServer: true, secureContext, ...halfOpen });
  const fail = (error: unknown) => {
    settle();
    secured.on("error", () => {}); // one failure may be followed by others: this one is reported
    secured.destroy();
    report(systemError(`Cannot accept a TLS connection from ${formatAddress({ address, port })}`, error));
  };
  const end = () => fail({ code: "ENOTCONN" });
  const settle = () => {
    clearTimeout(timer);
    secured.off("error", fail).off("end", end).off("close", end);
  };
  const timer = setTimeout(() => fail({ code: "ERR_TLS_HANDSHAKE_TIMEOUT" }), HANDSHAKE_MS);
  secured.once("error", fail).once("end", end).once("close", end);
  secured.once("secure", () => {
    settle();
    accept(secured);
  });
  secured.resume(); // else the end of its stream is not seen
}

/** Node's sockets. */
export const transport: Transport = {
  listen(options: ListenOptions, events: ListenEvents): Promise<Listener> {
    const { host = "127.0.0.1", port = 0, tls: secure, reusePort = false } = options;
    const accept = (socket: net.Socket) => {
      if (socket.remoteAddress !== undefined) return events.connection(new NodeSocket(socket));
      socket.on("error", () => {}); // which is the one that is reported here
      socket.destroy();
      events.error(systemError("Cannot accept a connection", { code: "ENOTCONN" }));
    };
    let onConnection = accept;
    if (secure) {
      const secureContext = tls.createSecureContext(secure);
      onConnection = (socket) => shakeHands(socket, secureContext, accept, (error) => events.error(error));
    }
    const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, onConnection);
    return new Promise((resolve, reject) => {
      const attempt = `Cannot listen on ${formatAddress({ address: host, port })}`;
      server.once("error", (error) => reject(systemError(attempt, error)));
      server.listen({ host, port, reusePort, backlog: BACKLOG }, () => {
        server.removeAllListeners("error");
        server.on("error", (error) => events.error(systemError("Cannot accept a connection", error)));
        const { address, port } = server.address() as net.AddressInfo;
        resolve({
          address: { address, port },
          close() {
            // Its callback waits for the connections too, which live on: only accepting ends here.
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
      } catch (error) { // an authority that looks like PEM, and is none
        return reject(systemError(`Cannot connect to ${formatAddress({ address: host, port })}`, error));
      }
      socket.setNoDelay(true);
      const settle = () => {
        socket.removeListener("error", fail);
        signal?.removeEventListener("abort", abort);
      };
      const fail = (error: unknown) => {
        settle();
        socket.on("error", () => {}); // one failure may be followed by others: this one is reported
        socket.destroy();
        reject(systemError(`Cannot connect to ${formatAddress({ address: host, port })}`, error));
      };
      const abort = () => fail(signal?.reason);
      socket.once("error", fail);
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      socket.once(secure ? "secureConnect" : "connect", () => {
        settle();
        resolve(new NodeSocket(socket));
      });
    });
  },
};
