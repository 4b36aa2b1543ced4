/**
 * A load of WebSocket messages on one connection: frames made before, and what comes back compared.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import { afterHead, frame, request } from "../../websocket/support.ts";

/** What is sent: so many messages at once, again and again. */
export interface Cell {
  readonly opcode: 1 | 2;
  readonly bytes: number;
  readonly inFlight: number;
}

/** Messages a second of a server at that port, for so many seconds. */
export async function rate(port: number, { opcode, bytes, inFlight }: Cell, seconds: number): Promise<number> {
  const payload = "x".repeat(bytes);
  const batch = Buffer.concat(Array(inFlight).fill(frame(opcode, payload)));
  const expected = Buffer.concat(Array(inFlight).fill(frame(opcode, payload, { masked: false })));
  const socket = net.connect(port, "127.0.0.1");
  socket.write(request());
  const first: Buffer = await new Promise((resolve, reject) => socket.once("data", resolve).once("error", reject));
  if (!afterHead(first).head.startsWith("HTTP/1.1 101")) throw new Error("no handshake");
  let [at, batches] = [0, 0];
  const began = performance.now();
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("data", (got: Buffer) => {
      if (expected.compare(got, 0, got.length, at, at + got.length) !== 0) return reject(new Error("the echo differs"));
      at += got.length;
      if (at < expected.length) return;
      at = 0;
      batches++;
      if (performance.now() - began < seconds * 1000) socket.write(batch);
      else resolve();
    });
    socket.write(batch);
  });
  const took = (performance.now() - began) / 1000;
  socket.destroy();
  return batches * inFlight / took;
}
