/**
 * The room: who is there, and who hears what. It knows nothing of datagrams or connections.
 *
 * @module
 */
import { checkInteger, messageOf } from "../../errors.ts";
import { checkName, nameKey } from "../../names.ts";
import { system } from "../environment.ts";
import { type LeaveReason, refusals, type RefuseReason, type RoomEvent } from "./events.ts";
import { checkText } from "./input.ts";

/** Options of {@linkcode Room}. */
export interface RoomOptions {
  /** The most members: 1 to 10,000. Default 256. */
  readonly members?: number;
  /** Number of last texts that are told to those who join: 0 to 100. Default 20. */
  readonly history?: number;
  /** The time, in milliseconds since 1970. Default: the system's. */
  readonly now?: () => number;
  /** Called with what a listener threw; the others hear the event all the same. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

/** A refusal to let somebody join. */
export interface Refusal {
  /** The reason, for a program. */
  readonly refused: RefuseReason;
  /** The reason, for a person. */
  readonly text: string;
}

/** A room as its members see it, of one server or of several. */
export interface ChatRoom {
  /** The names of those who are there, in the order they came. */
  readonly names: readonly string[];
  /**
   * Joins, or says why not. The newcomer hears `welcome`, then the last texts where the room keeps any; the others hear
   * `joined`. Where the room ends a membership by itself, its listener hears `bye`, and nothing more.
   */
  join(requested: string, listener: RoomListener): Membership | Refusal | Promise<Membership | Refusal>;
}

/** One member's place in the room. After {@linkcode Membership.leave} it does nothing. */
export interface Membership {
  /** The name, in its one form. */
  readonly name: string;
  /** Says a text to everybody, the speaker included. Throws or rejects with `too-large` or `invalid-argument`. */
  say(text: string): void | Promise<void>;
  /** Tells everybody what the member does (`/me`). Throws or rejects with `too-large` or `invalid-argument`. */
  act(text: string): void | Promise<void>;
  /** Leaves; the others hear why. */
  leave(reason?: LeaveReason): void;
}

/** Takes one event for a member. Must neither throw nor wait: a member's queue is the member's own affair. */
export type RoomListener = (event: RoomEvent) => void;

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
export class Room implements ChatRoom {
  readonly #maxMembers: number;
  readonly #maxHistory: number;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #members = new Map<string, { name: string; listener: RoomListener }>();
  /** Events not yet delivered: an event that a listener causes comes after the one it hears, for everybody. */
  readonly #pending: { event: RoomEvent; to: readonly RoomListener[] }[] = [];
  /** The last texts, the oldest first. */
  readonly #history: RoomEvent[] = [];
  #delivering = false;

  /** Makes an empty room. Throws `invalid-argument` for a limit out of its range. */
  constructor({ members = 256, history = 20, now = system.clock.now, onError = console.error }: RoomOptions = {}) {
    this.#maxMembers = checkInteger("members", members, 1, 10_000);
    this.#maxHistory = checkInteger("history", history, 0, 100);
    this.#now = now;
    this.#onError = onError;
  }

  /** The names of those who are there, in the order they came. */
  get names(): readonly string[] {
    return [...this.#members.values()].map(({ name }) => name);
  }

  /** Joins, or says why not. The newcomer hears `welcome` and the last texts, the others `joined`. */
  join(requested: string, listener: RoomListener): Membership | Refusal {
    let name: string;
    try {
      name = checkName(requested);
    } catch (error) {
      return { refused: "name-invalid", text: messageOf(error) };
    }
    const key = nameKey(name);
    if (this.#members.has(key)) return refuse(name, "name-taken");
    if (this.#members.size >= this.#maxMembers) return refuse(name, "room-full");
    this.#deliver({ type: "joined", time: this.#now(), name });
    const member = { name, listener };
    this.#members.set(key, member);
    this.#deliver({ type: "welcome", name, names: this.names }, [listener]);
    for (const text of [...this.#history]) this.#deliver(text, [listener]);
    const present = () => this.#members.get(key) === member;
    const speak = (type: "said" | "acted", text: string) => {
      const checked = checkText(text);
      if (!present()) return;
      const event = { type, time: this.#now(), name, text: checked } as const;
      this.#history.push(event);
      if (this.#history.length > this.#maxHistory) this.#history.shift();
      this.#deliver(event);
    };
    return {
      name,
      say: (text) => speak("said", text),
      act: (text) => speak("acted", text),
      leave: (reason = "left") => {
        if (!present()) return;
        this.#members.delete(key);
        this.#deliver({ type: "left", time: this.#now(), name, reason });
      },
    };
  }

  #deliver(
    event: RoomEvent,
    to: readonly RoomListener[] = [...this.#members.values()].map(({ listener }) => listener),
  ): void {
    this.#pending.push({ event, to });
    if (this.#delivering) return; // a member that leaves while it hears: at most one event more for each member
    this.#delivering = true;
    for (let next; (next = this.#pending.shift());) {
      for (const listener of next.to) this.#call(listener, next.event);
    }
    this.#delivering = false;
  }

  #call(listener: RoomListener, event: RoomEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** The refusal of somebody who wants to join under that name. */
export function refuse(name: string, reason: RefuseReason): Refusal {
  return { refused: reason, text: `Cannot join as "${name}": ${refusals[reason]}` };
}
