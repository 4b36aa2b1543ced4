/**
 * What members ask of a room, and what a room tells them.
 *
 * @module
 */
import { NAME_RULE } from "../names.ts";

/** What a member asks. */
export type RoomRequest =
  | { readonly type: "join"; readonly name: string }
  | { readonly type: "say" | "act"; readonly text: string }
  | { readonly type: "who" }
  | { readonly type: "leave" };

/** Why a member is gone. */
export type LeaveReason = "left" | "lost" | "behind" | "stopped";

/** The reasons to be gone; their place, from 1, is their number on the wire. */
export const leaveReasons: readonly LeaveReason[] = ["left", "lost", "behind", "stopped"];

/** Why nobody could join. */
export type RefuseReason = "name-invalid" | "name-taken" | "room-full" | "stopped";

/** What a room tells a member. Times are milliseconds since 1970, UTC, by the server's clock. */
export type RoomEvent =
  | { readonly type: "welcome"; readonly name: string; readonly names: readonly string[] }
  | { readonly type: "refused"; readonly reason: RefuseReason; readonly text: string }
  | { readonly type: "said" | "acted"; readonly time: number; readonly name: string; readonly text: string }
  | { readonly type: "joined"; readonly time: number; readonly name: string }
  | { readonly type: "left"; readonly time: number; readonly name: string; readonly reason: LeaveReason }
  | { readonly type: "members"; readonly names: readonly string[] }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "bye"; readonly reason: LeaveReason };

/** The words for a {@linkcode RefuseReason}. */
export const refusals: Readonly<Record<RefuseReason, string>> = {
  "name-invalid": `expected ${NAME_RULE}`,
  "name-taken": "somebody of that name is there already",
  "room-full": "the room is full",
  "stopped": "the server is stopping",
};
