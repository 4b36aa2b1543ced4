/**
 * What servers tell each other of a room, in its stream.
 *
 * ```json
 * { "type": "joined", "id": "...", "name": "anna", "time": 1763640000000 }
 * { "type": "said", "id": "...", "name": "anna", "time": 1763640000000, "text": "hello" }
 * { "type": "left", "id": "...", "name": "anna", "time": 1763640000000, "reason": "left" }
 * ```
 *
 * `id` is that of the membership: who joins again under the same name has another.
 *
 * @module
 */
import { leaveReasons, type RoomEvent } from "../chat/room/events.ts";

/** An event of a room, as everybody hears it. */
export type SharedEvent = Extract<RoomEvent, { type: "joined" | "left" | "said" | "acted" }>;

/** An event, with the membership that it is of. */
export interface MemberEvent {
  readonly id: string;
  readonly event: SharedEvent;
}

/** An event as it stands in the stream. */
export function formatEvent({ id, event }: MemberEvent): string {
  return JSON.stringify({ id, ...event });
}

/** An event from the stream; undefined: it is none that this version knows. */
export function parseEvent(bytes: Uint8Array): MemberEvent | undefined {
  try {
    const { id, type, name, time, text, reason } = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof id !== "string" || typeof name !== "string" || typeof time !== "number") return undefined;
    if (type === "joined") return { id, event: { type, name, time } };
    if (type === "left" && leaveReasons.includes(reason)) return { id, event: { type, name, time, reason } };
    if ((type === "said" || type === "acted") && typeof text === "string") {
      return { id, event: { type, name, time, text } };
    }
    return undefined;
  } catch {
    return undefined; // no JSON, or no object
  }
}
