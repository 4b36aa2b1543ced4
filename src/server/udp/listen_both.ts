/**
 * One port number for TCP and UDP.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import type { Listener } from "../../runtime/socket.ts";
import type { Address } from "../../runtime/socket.ts";
import type { DatagramService } from "./datagram_service.ts";

/** Times that another port is tried, where the system chose one that is taken for the other protocol. */
const MAX_TRIES = 20;

/**
 * Listens for connections, then for datagrams on the port that gave. Where the second is not possible neither is done: a
 * port that is free for one of the two counts as in use. Port 0 is tried again. Closing the listener ends both.
 *
 * @throws {EchopipeError} as the two do
 */
export async function listenBoth(
  listen: () => Promise<Listener>,
  serve: (at: Address) => Promise<DatagramService>,
  anyPort: boolean,
): Promise<{ readonly listener: Listener; readonly datagrams: DatagramService }> {
  for (let tries = 1;; tries++) {
    const tcp = await listen();
    try {
      const datagrams = await serve(tcp.address);
      const close = async () => void await Promise.all([tcp.close(), datagrams.close()]);
      return { listener: { ...tcp, close }, datagrams };
    } catch (error) {
      await tcp.close();
      const taken = error instanceof EchopipeError && error.code === "address-in-use";
      if (!taken || !anyPort || tries === MAX_TRIES) throw error;
    }
  }
}
