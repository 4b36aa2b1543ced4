/**
 * What a chat client tells the one who uses it.
 *
 * @module
 */
import type { LeaveReason, RoomEvent } from "./room_events.ts";

/** Why a client is no longer in the room. */
export type GoneReason = Exclude<LeaveReason, "left"> | "silent";

/**
 * What a client tells. After `gone` it goes on trying until it is back: `back` if its session lives, and nothing was lost;
 * `welcome` if it had to join anew. `waiting` says why it is not yet back though the server answers.
 */
export type ClientEvent =
  | Exclude<RoomEvent, { type: "refused" | "bye" }>
  | { readonly type: "gone"; readonly reason: GoneReason }
  | { readonly type: "back" }
  | { readonly type: "waiting"; readonly text: string };
