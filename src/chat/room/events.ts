/**
 * Requests of members to a room, and events of a room for its members.
 *
 * @module
 */
import { NAME_RULE } from "../../names.ts";

/** Request of a member. */
export type RoomRequest =
  | { readonly type: "join"; readonly name: string }
  | { readonly type: "say" | "act"; readonly text: string }
  | { readonly type: "who" }
  | { readonly type: "leave" };

/** Reason for the end of a membership. */
export type LeaveReason = "left" | "lost" | "behind" | "stopped";

/** The reasons to be gone; their place, from 1, is their number on the wire. */
export const leaveReasons: readonly LeaveReason[] = ["left", "lost", "behind", "stopped"];

/** Reason for refusing a client that wants to join. */
export type RefuseReason = "name-invalid" | "name-taken" | "room-full" | "stopped" | "unavailable";

/** Event for a member. Times are milliseconds since 1970, UTC, by the server's clock. */
export type RoomEvent =
  | { readonly type: "welcome"; readonly name: string; readonly names: readonly string[] }
  | { readonly type: "refused"; readonly reason: RefuseReason; readonly text: string }
  | { readonly type: "said" | "acted"; readonly time: number; readonly name: string; readonly text: string }
  | { readonly type: "joined"; readonly time: number; readonly name: string }
  | { readonly type: "left"; readonly time: number; readonly name: string; readonly reason: LeaveReason }
  | { readonly type: "members"; readonly names: readonly string[] }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "bye"; readonly reason: LeaveReason };

/** Texts of a {@linkcode RefuseReason}. */
export const refusals: Readonly<Record<RefuseReason, string>> = {
  "name-invalid": `expected ${NAME_RULE}`,
  "name-taken": "somebody of that name is there already",
  "room-full": "the room is full",
  "stopped": "the server is stopping",
  "unavailable": "the servers cannot reach each other at the moment, try again",
};

/** Reason for a client's being out of the room, perhaps for a while. */
export type GoneReason = Exclude<LeaveReason, "left"> | "silent";

/**
 * Event of a client. After `gone` it goes on trying until it is back: `back` if its session lives, and nothing was lost;
 * `welcome` if it had to join anew. `waiting` says why it is not yet back though the server answers.
 */
export type ClientEvent =
  | Exclude<RoomEvent, { type: "refused" | "bye" }>
  | { readonly type: "gone"; readonly reason: GoneReason }
  | { readonly type: "back" }
  | { readonly type: "waiting"; readonly text: string };
