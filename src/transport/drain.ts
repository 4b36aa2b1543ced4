/**
 * Waiting until a peer has stopped sending.
 *
 * @module
 */
import { readsOfAll, type SocketState } from "../runtime/socket_state.ts";

/** Time without input after which a socket counts as quiet, in milliseconds. */
const QUIET_MS = 60;
/** Number of timers that this time is divided into: one turn of a busy event loop may take longer than all of it. */
const QUIET_STEPS = 6;
/** Limit for a peer that keeps sending, in milliseconds. */
const MAX_DRAIN_MS = 1500;

/**
 * Resolves when a socket, or with `together` every socket of this thread, is quiet; or at the limit. `unread` tells whether
 * something that was received waits for its reader.
 */
export async function untilQuiet(
  state: SocketState,
  together: boolean,
  unread: () => boolean = () => false,
): Promise<void> {
  const count = () => together ? readsOfAll() : state.traffic.reads;
  const deadline = performance.now() + MAX_DRAIN_MS;
  let reads = -1;
  while (!state.readDone && performance.now() <= deadline) {
    if (state.reading && !unread() && count() === reads) return;
    reads = count();
    for (let step = 0; step < QUIET_STEPS && !state.readDone; step++) {
      await new Promise((resume) => setTimeout(resume, QUIET_MS / QUIET_STEPS));
    }
  }
}
