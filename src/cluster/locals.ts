/**
 * The members of a room that are at this server.
 *
 * @module
 */
import type { RoomEvent } from "../chat/room/events.ts";
import type { RoomListener } from "../chat/room/room.ts";
import { EchopipeError } from "../errors.ts";
import type { TakenName } from "./registry.ts";

/** Limit for the word of one's own joining to come back, in milliseconds. */
const WELCOME_MS = 5000;

/** A member at this server. */
export class Local {
  readonly name: string;
  /** Of the membership; another each time that it has to join again. */
  id: string = crypto.randomUUID();
  /** Its name, once it has it. */
  taken: TakenName | undefined;
  readonly #listener: RoomListener;
  readonly #onError: (error: unknown) => void;
  readonly #welcomed = Promise.withResolvers<void>();
  #present = false;

  constructor(name: string, listener: RoomListener, onError: (error: unknown) => void) {
    this.name = name;
    this.#listener = listener;
    this.#onError = onError;
  }

  /** True once its own joining has come back: from then on it hears. */
  get present(): boolean {
    return this.#present;
  }

  /** Welcomes it, and tells it the last texts. */
  enter(welcome: RoomEvent, texts: readonly RoomEvent[]): void {
    this.#present = true;
    this.tell(welcome);
    for (const text of texts) this.tell(text);
    this.#welcomed.resolve();
  }

  /** Resolves when it is welcomed; rejects with `timed-out` where that takes too long. */
  async welcome(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `Cannot join: NATS has not told of it for ${WELCOME_MS / 1000} s`;
      timer = setTimeout(() => reject(new EchopipeError("timed-out", message)), WELCOME_MS);
    });
    await Promise.race([this.#welcomed.promise, late]).finally(() => clearTimeout(timer));
  }

  /** Tells it an event. */
  tell(event: RoomEvent): void {
    try {
      this.#listener(event);
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** All members at this server. */
export class Locals {
  readonly #byId = new Map<string, Local>();
  readonly #onError: (error: unknown) => void;

  /** `onError` is called with what a listener throws; the others hear the event all the same. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** All of them, as they are now. */
  get all(): readonly Local[] {
    return [...this.#byId.values()];
  }

  get(id: string): Local | undefined {
    return this.#byId.get(id);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Adds one that is about to join. */
  add(name: string, listener: RoomListener): Local {
    const local = new Local(name, listener, this.#onError);
    this.#byId.set(local.id, local);
    return local;
  }

  /** Gives one another membership. */
  renew(local: Local): void {
    this.#byId.delete(local.id);
    local.id = crypto.randomUUID();
    this.#byId.set(local.id, local);
  }

  /** Removes one; false: it is not there any more. */
  remove({ id }: Local): boolean {
    return this.#byId.delete(id);
  }
}
