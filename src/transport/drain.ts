/**
 * The moment when nothing more comes.
 *
 * @module
 */
import { readsOfAll, type SocketState } from "../runtime/socket_state.ts";

/** Nothing more comes if nothing came for this long, in milliseconds. */
const QUIET_MS = 60;
/** Looked at in so many steps: the event loop may be longer at one of its turns than that. */
const QUIET_STEPS = 6;
/** A peer that goes on sending is left after this long, in milliseconds. */
const MAX_DRAIN_MS = 1500;

/** Resolves when nothing more comes to a socket, or, with `together`, to any socket of this thread; or at the limit. */
export async function untilQuiet(state: SocketState, together: boolean): Promise<void> {
  const count = () => together ? readsOfAll() : state.traffic.reads;
  const deadline = performance.now() + MAX_DRAIN_MS;
  let reads = -1;
  while (!state.readDone && performance.now() <= deadline) {
    if (state.reading && count() === reads) return;
    reads = count();
    for (let step = 0; step < QUIET_STEPS && !state.readDone; step++) {
      await new Promise((resume) => setTimeout(resume, QUIET_MS / QUIET_STEPS));
    }
  }
}
