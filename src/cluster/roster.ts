/**
 * Who is in the room, and what was said last: the state that the events of a room make, the same at every server.
 *
 * @module
 */
import { nameKey } from "../names.ts";
import type { MemberEvent, SharedEvent } from "./room_events.ts";

/** Texts that those who join are told. */
const HISTORY = 100;

/** Somebody who is there. */
export interface Present {
  readonly name: string;
  /** Of the membership. */
  readonly id: string;
  /** That at which the name was taken. */
  readonly revision: number;
}

/** Who is there, and the last texts. */
export class Roster {
  readonly #present = new Map<string, Present>();
  readonly #texts: SharedEvent[] = [];

  /** Those who are there, in the order they came. */
  get present(): readonly Present[] {
    return [...this.#present.values()];
  }

  /** The number of those who are there. */
  get size(): number {
    return this.#present.size;
  }

  /** The last texts. */
  get texts(): readonly SharedEvent[] {
    return this.#texts;
  }

  /** True while that membership is there. */
  has({ name, id }: { readonly name: string; readonly id: string }): boolean {
    return this.#present.get(nameKey(name))?.id === id;
  }

  /** Takes an event; false: it changes nothing, and nobody is told of it. */
  take({ id, revision, event }: MemberEvent): boolean {
    if (event.type === "joined") return this.add({ name: event.name, id, revision: revision! });
    if (event.type === "left") return this.has({ name: event.name, id }) && this.#present.delete(nameKey(event.name));
    this.#texts.push(event);
    if (this.#texts.length > HISTORY) this.#texts.shift();
    return true;
  }

  /** Forgets everybody; the texts stay. */
  clear(): void {
    this.#present.clear();
  }

  /** Adds somebody. False: it is there, or is late: the name was given to another since. */
  add(newcomer: Present): boolean {
    const key = nameKey(newcomer.name);
    const known = this.#present.get(key);
    if (known !== undefined && (known.id === newcomer.id || known.revision > newcomer.revision)) return false;
    this.#present.delete(key); // the order they came
    this.#present.set(key, newcomer);
    return true;
  }
}
