/**
 * The room: who is there, and who hears what. It knows nothing of datagrams or connections.
 *
 * @module
 */
import { checkInteger, messageOf } from "../errors.ts";
import { checkName, nameKey } from "../names.ts";
import type { LeaveReason, RefuseReason, RoomEvent } from "./room_events.ts";
import { refusals } from "./room_events.ts";
import { system } from "./surroundings.ts";
import { checkText } from "./text.ts";

/** What a room can be told. */
export interface RoomOptions {
  /** The most members: 1 to 10,000. Default 256. */
  readonly members?: number;
  /** The time, in milliseconds since 1970. Default: the system's. */
  readonly now?: () => number;
  /** Told of a member's `hear` that threw: the others heard all the same. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

/** One member's place in the room. After {@linkcode Membership.leave} it does nothing. */
export interface Membership {
  /** The name, in its one form. */
  readonly name: string;
  /** Says a text to everybody, the speaker included. Throws `too-large` or `invalid-argument`. */
  say(text: string): void;
  /** Tells everybody what the member does (`/me`). Throws `too-large` or `invalid-argument`. */
  act(text: string): void;
  /** Leaves; the others hear why. */
  leave(reason?: LeaveReason): void;
}

/** Takes one event for a member. Must neither throw nor wait: a member's queue is the member's own affair. */
export type Hear = (event: RoomEvent) => void;

/**
 * A room of members with unique names. Every member hears everything in the same order, from its `welcome` on; those who
 * speak hear themselves.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Room, type RoomEvent } from "echopipe";
 *
 * const room = new Room();
 * const heard: RoomEvent[] = [];
 * room.join("ada", (event) => heard.push(event));
 * const bob = room.join("bob", () => {});
 * if ("say" in bob) bob.say("hello");
 * assert.deepEqual(heard.map(({ type }) => type), ["welcome", "joined", "said"]);
 * ```
 */
export class Room {
  readonly #most: number;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #members = new Map<string, { name: string; hear: Hear }>();
  /** Events that are still to be told: what is done while one is told comes after it, for everybody. */
  readonly #untold: { event: RoomEvent; to: readonly Hear[] }[] = [];
  #telling = false;

  /** Makes an empty room. Throws `invalid-argument` for a limit out of its range. */
  constructor({ members = 256, now = system.clock.now, onError = console.error }: RoomOptions = {}) {
    this.#most = checkInteger("members", members, 1, 10_000);
    this.#now = now;
    this.#onError = onError;
  }

  /** The names of those who are there, in the order they came. */
  get names(): readonly string[] {
    return [...this.#members.values()].map(({ name }) => name);
  }

  /** Joins, or says why not. The newcomer hears `welcome`, the others `joined`. */
  join(requested: string, hear: Hear): Membership | { readonly refused: RefuseReason; readonly text: string } {
    let name: string;
    try {
      name = checkName(requested);
    } catch (error) {
      return { refused: "name-invalid", text: messageOf(error) };
    }
    const key = nameKey(name);
    if (this.#members.has(key)) return refuse(name, "name-taken");
    if (this.#members.size >= this.#most) return refuse(name, "room-full");
    this.#tell({ type: "joined", time: this.#now(), name });
    const member = { name, hear };
    this.#members.set(key, member);
    this.#tell({ type: "welcome", name, names: this.names }, [hear]);
    const present = () => this.#members.get(key) === member;
    const speak = (type: "said" | "acted", text: string) => {
      const checked = checkText(text);
      if (present()) this.#tell({ type, time: this.#now(), name, text: checked });
    };
    return {
      name,
      say: (text) => speak("said", text),
      act: (text) => speak("acted", text),
      leave: (reason = "left") => {
        if (!present()) return;
        this.#members.delete(key);
        this.#tell({ type: "left", time: this.#now(), name, reason });
      },
    };
  }

  #tell(event: RoomEvent, to: readonly Hear[] = [...this.#members.values()].map(({ hear }) => hear)): void {
    this.#untold.push({ event, to });
    if (this.#telling) return; // a member that leaves while it hears: at most one event more for each member
    this.#telling = true;
    for (let next; (next = this.#untold.shift());) {
      for (const hear of next.to) this.#call(hear, next.event);
    }
    this.#telling = false;
  }

  #call(hear: Hear, event: RoomEvent): void {
    try {
      hear(event);
    } catch (error) {
      this.#onError(error);
    }
  }
}

function refuse(name: string, reason: RefuseReason) {
  return { refused: reason, text: `Cannot join as "${name}": ${refusals[reason]}` } as const;
}
