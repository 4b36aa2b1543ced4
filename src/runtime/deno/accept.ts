/**
 * Accepting connections on Deno.
 *
 * @module
 */
import type { ListenEvents, Socket } from "../socket.ts";
import { systemError } from "../system_error.ts";
import type { DenoConn } from "./connect.ts";

/** Pause after a failed accept, in milliseconds: time for file descriptors to become free. */
const PAUSE_MS = 50;
/** Time for which the same failure is not reported again, in milliseconds. */
const REPORT_MS = 10_000;

/**
 * Accepts connections until the listener is closed, and passes each on as a socket, which `socketOf` makes or fails to. A failure is reported, and accepting
 * goes on. `for await` over the listener would end at the first failure.
 */
export async function acceptAll<C extends DenoConn>(
  listener: Deno.Listener<C>,
  events: ListenEvents,
  socketOf: (conn: C) => Socket,
  open: () => boolean,
): Promise<void> {
  let reported = { message: "", until: 0 };
  while (open()) {
    try {
      const conn = await listener.accept();
      events.connection(socketOf(conn));
    } catch (error) {
      if (!open()) return;
      const failure = systemError("Cannot accept a connection", error);
      if (failure.code === "reset") { // one client has left: no reason to pause
        events.error(failure);
        continue;
      }
      if (failure.message !== reported.message || performance.now() >= reported.until) {
        reported = { message: failure.message, until: performance.now() + REPORT_MS };
        events.error(failure);
      }
      await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    }
  }
}
