/** Plain sockets, to look at a server from outside. */
import net from "node:net";

/** Connects; the socket may be half-closed. */
export function open(port: number, host = "127.0.0.1"): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host, allowHalfOpen: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** All that comes until the peer ends. */
export function received(socket: net.Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    socket.on("data", (bytes: Uint8Array) => parts.push(bytes));
    socket.on("end", () => resolve(Buffer.concat(parts)));
    socket.on("error", reject);
  });
}

/** Sends all of it, half-closes, and returns what comes back. */
export async function exchange(port: number, bytes: Uint8Array | string, host?: string): Promise<Buffer> {
  const socket = await open(port, host);
  const back = received(socket);
  socket.end(bytes);
  const all = await back;
  socket.destroy();
  return all;
}

/** A text message of the wire format, or one of another kind. */
export function messageBytes(payload: string | Uint8Array, kind: "text" | "data" | "control" = "text"): Buffer {
  const body = Buffer.from(payload as string);
  const header = Buffer.alloc(4);
  header.writeUInt32BE((({ text: 0, data: 1, control: 2 }[kind] << 30) | body.length) >>> 0);
  return Buffer.concat([header, body]);
}
