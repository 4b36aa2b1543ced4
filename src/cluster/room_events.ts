/**
 * Events of a room, as servers tell them to each other in its stream.
 *
 * ```json
 * { "type": "joined", "id": "...", "name": "anna", "time": 1763640000000, "revision": 17 }
 * { "type": "said", "id": "...", "name": "anna", "time": 1763640000000, "text": "hello" }
 * { "type": "left", "id": "...", "name": "anna", "time": 1763640000000, "reason": "left" }
 * ```
 *
 * `id` is that of the membership: who joins again under the same name has another. `revision` is that at which the name was
 * taken: of two memberships of one name, that with the later counts.
 *
 * @module
 */
import { leaveReasons, type RoomEvent } from "../chat/room/events.ts";
import { checkText } from "../chat/room/input.ts";
import { checkName } from "../names.ts";

/** An event of a room, as everybody hears it. */
export type SharedEvent = Extract<RoomEvent, { type: "joined" | "left" | "said" | "acted" }>;

/** An event, with the membership that it is of. */
export interface MemberEvent {
  readonly id: string;
  readonly event: SharedEvent;
  /** Revision at which the name was taken; with `joined` only. */
  readonly revision?: number;
}

/** An event as it stands in the stream. */
export function formatEvent({ id, revision, event }: MemberEvent): string {
  return JSON.stringify({ id, revision, ...event });
}

/** An event from the stream; undefined: it is none that this version knows. */
export function parseEvent(bytes: Uint8Array): MemberEvent | undefined {
  try {
    const { id, revision, type, name, time, text, reason } = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof id !== "string" || typeof time !== "number" || checkName(name) !== name) return undefined;
    if (type === "joined" && typeof revision === "number") return { id, revision, event: { type, name, time } };
    if (type === "left" && leaveReasons.includes(reason)) return { id, event: { type, name, time, reason } };
    if ((type === "said" || type === "acted") && checkText(text) === text) {
      return { id, event: { type, name, time, text } };
    }
    return undefined;
  } catch {
    return undefined; // no JSON, or not such an object
  }
}
