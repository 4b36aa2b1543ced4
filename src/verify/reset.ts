/**
 * A client that resets its connection in the middle of a transfer. `Connection.reset` cannot while a write is pending, on
 * Deno.
 *
 * @module
 */
import net from "node:net";
import type { Tester } from "./tester.ts";

/** Limit of time to connect and to send, in milliseconds. */
const LIMIT_MS = 2000;

/**
 * Connects, sends, and resets the connection after a while without having read anything. Over TLS the reset falls into the
 * handshake: it is TCP that is reset. Failures do not count: the next client tells.
 */
export async function resetConnection({ target, patience }: Tester, bytes: Uint8Array, afterMs: number): Promise<void> {
  const socket = net.connect({ host: target.address, port: target.port });
  await new Promise<void>((resolve) => {
    const limit = setTimeout(() => socket.resetAndDestroy(), Math.min(LIMIT_MS, patience.ms));
    socket.on("error", () => {});
    socket.once("close", () => {
      clearTimeout(limit);
      resolve();
    });
    socket.once("connect", () => {
      socket.pause();
      socket.write(bytes);
      setTimeout(() => socket.resetAndDestroy(), afterMs);
    });
  });
}
