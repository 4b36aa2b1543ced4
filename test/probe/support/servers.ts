/** Echo servers with faults, scripted. */
import { createSocket } from "node:dgram";
import net from "node:net";
import { setTimeout } from "node:timers";

/** A running server. */
export interface OddServer extends AsyncDisposable {
  readonly port: number;
  readonly target: { host: string; port: number; timeoutMs: number };
}

function running(port: number, close: (done: () => void) => void): OddServer {
  return {
    port,
    target: { host: "127.0.0.1", port, timeoutMs: 5000 },
    [Symbol.asyncDispose]: () => new Promise((resolve) => close(() => resolve())),
  };
}

/** A TCP server with a handler of its own for each connection. */
export function tcpServer(serve: (socket: net.Socket, number: number) => void): Promise<OddServer> {
  const sockets = new Set<net.Socket>();
  let number = 0;
  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("end", () => socket.end());
    serve(socket, number++);
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      resolve(running(port, (done) => {
        for (const socket of sockets) socket.destroy();
        server.close(done);
      }));
    })
  );
}

/** Echoes all. */
export const echo = (socket: net.Socket): void => void socket.on("data", (bytes) => socket.write(bytes));

/** Echoes all, with one byte changed, at that position of each stream. */
export const corrupting = (position: number) => (socket: net.Socket): void => {
  let at = 0;
  socket.on("data", (bytes) => {
    const copy = Buffer.from(bytes);
    if (position >= at && position < at + copy.length) copy[position - at] ^= 1;
    at += copy.length;
    socket.write(copy);
  });
};

/** Echoes, but neither reads nor writes for a time, from a time after the start on; both in milliseconds. */
export const stalling = (after: number, stall: number) => (socket: net.Socket): void => {
  echo(socket);
  setTimeout(() => {
    socket.pause();
    setTimeout(() => socket.resume(), stall).unref();
  }, after).unref();
};

/** Echoes so many bytes, then ends the connection. */
export const closing = (after: number) => (socket: net.Socket): void => {
  let left = after;
  socket.on("data", (bytes) => {
    socket.write(bytes.subarray(0, left));
    left -= bytes.length;
    if (left <= 0) socket.destroySoon();
  });
};

/** A UDP server that answers the nth datagram, from 0, by those that `script` returns. */
export function udpServer(script: (bytes: Uint8Array, n: number) => readonly Uint8Array[]): Promise<OddServer> {
  const socket = createSocket("udp4");
  let n = 0;
  socket.on("message", (bytes, { port, address }) => {
    for (const answer of script(bytes, n++)) socket.send(answer, port, address);
  });
  return new Promise((resolve) =>
    socket.bind(0, "127.0.0.1", () => resolve(running(socket.address().port, (done) => socket.close(done))))
  );
}
