/**
 * The transport on Node, over node:net and node:tls.
 *
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import { adopt, connectTo, KEEP_ALIVE_MS } from "./connect.ts";
import { NodeSocket } from "./socket.ts";
import { clientFault, HANDSHAKE_MS, resetTls, serverOptions } from "./tls.ts";
import type { Listener, ListenEvents, ListenOptions, Transport } from "../socket.ts";
import { BACKLOG, formatAddress, unixAddress } from "../socket.ts";
import { systemError } from "../system_error.ts";

/** A connection at its handshake, and what gives it up. */
type Handshakes = Map<net.Socket, () => void>;

/**
 * Performs the TLS handshake with a client, then calls `accept`. `tls.Server` would leak the sockets of clients that
 * leave during the handshake: nothing closes its half-open sockets.
 */
function shakeHands(
  socket: net.Socket,
  options: tls.TLSSocketOptions,
  limit: number,
  handshakes: Handshakes,
  accept: (secured: net.Socket, socket: net.Socket) => void,
  report: (error: unknown) => void,
): void {
  const { remoteAddress: address = "", remotePort: port = 0 } = socket;
  const secured = new tls.TLSSocket(socket, options);
  const fail = (error: unknown) => {
    settle();
    secured.on("error", () => {}); // only the first failure is reported
    secured.destroy();
    report(systemError(`Cannot accept a TLS connection from ${formatAddress({ address, port })}`, error));
  };
  const end = () => fail({ code: "ENOTCONN" });
  const settle = () => {
    handshakes.delete(socket);
    clearTimeout(timer);
    secured.off("error", fail).off("end", end).off("close", end);
  };
  const timer = limit > 0 ? setTimeout(() => fail({ code: "ERR_TLS_HANDSHAKE_TIMEOUT" }), limit) : undefined;
  handshakes.set(socket, () => {
    settle();
    resetTls(secured, socket);
  });
  secured.once("error", fail).once("end", end).once("close", end);
  secured.once("secure", () => {
    const refused = options.requestCert ? clientFault(secured) : undefined;
    settle();
    if (refused === undefined) return accept(secured, socket);
    resetTls(secured, socket); // the client, whose handshake may be over, must see a failure
    report(systemError(`Cannot accept a TLS connection from ${formatAddress({ address, port })}`, refused));
  });
  secured.resume(); // without it the end of the stream is not noticed
}

/** Node's sockets. */
export const transport: Transport = {
  listen(options: ListenOptions, events: ListenEvents): Promise<Listener> {
    const { host = "127.0.0.1", port = 0, path, tls: secure, reusePort, backlog = BACKLOG } = options;
    const { handshakeTimeout = HANDSHAKE_MS, noDelay = true, keepAlive = true } = options;
    const unix = path === undefined ? undefined : { local: unixAddress(path), remote: unixAddress("") };
    const accept = (socket: net.Socket, tcp?: net.Socket) => {
      if (unix !== undefined || socket.remoteAddress !== undefined) {
        return events.connection(new NodeSocket(socket, unix, tcp));
      }
      socket.on("error", () => {}); // reported below
      socket.destroy();
      events.error(systemError("Cannot accept a connection", { code: "ENOTCONN" }));
    };
    let tlsOptions = secure && serverOptions(secure);
    const handshakes: Handshakes = new Map();
    const onConnection = (socket: net.Socket) => {
      const { remoteAddress: address = "", remotePort: port = 0 } = socket;
      if (address !== "" && events.admits?.({ address, port }, handshakes.size) === false) return void socket.destroy();
      if (tlsOptions === undefined) return accept(socket);
      shakeHands(socket, tlsOptions, handshakeTimeout, handshakes, accept, (error) => events.error(error));
    };
    const server = net.createServer({
      allowHalfOpen: true,
      noDelay,
      keepAlive,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      pauseOnConnect: true,
    }, onConnection);
    return new Promise((resolve, reject) => {
      const attempt = `Cannot listen on ${formatAddress({ address: host, port, path })}`;
      server.once("error", (error) => reject(systemError(attempt, error)));
      server.listen(unix ? { path, backlog } : { host, port, reusePort, backlog }, () => {
        server.removeAllListeners("error");
        server.on("error", (error) => events.error(systemError("Cannot accept a connection", error)));
        const { address, port } = server.address() as net.AddressInfo;
        resolve({
          address: unix?.local ?? { address, port },
          setCertificate(certificate) {
            if (secure) tlsOptions = serverOptions({ ...secure, ...certificate });
            return Promise.resolve();
          },
          close() {
            // Its callback would wait for all connections to close, and they stay open.
            if (server.listening) server.close();
            for (const giveUp of [...handshakes.values()]) giveUp();
            return Promise.resolve();
          },
          setRef: (ref) => void (ref ? server.ref() : server.unref()),
        });
      });
    });
  },

  connect: connectTo,
  adopt,
};
