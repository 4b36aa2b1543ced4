/** Reading a server's messages one by one, from a plain socket. */
import { Buffer } from "node:buffer";
import type net from "node:net";

/** A function that resolves with the payload of the next message. */
export function conversation(socket: net.Socket) {
  let buffer = Buffer.alloc(0);
  let wake = () => {};
  socket.on("data", (bytes: Uint8Array) => {
    buffer = Buffer.concat([buffer, bytes]);
    wake();
  });
  socket.on("close", () => wake());
  return async function next(): Promise<string> {
    for (;;) {
      const size = buffer.length < 4 ? Infinity : buffer.readUInt32BE() & 0x3fffffff;
      if (buffer.length >= 4 + size) {
        const payload = buffer.subarray(4, 4 + size).toString();
        buffer = buffer.subarray(4 + size);
        return payload;
      }
      if (socket.destroyed) throw new Error("The server ended the connection");
      await new Promise<void>((resume) => wake = resume);
    }
  };
}
