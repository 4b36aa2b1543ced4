/**
 * Keeps a room in order: names without a member, members without a name, members that the others have given up.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import type { Liveness } from "./liveness.ts";
import type { Registry, TakenName } from "./registry.ts";
import type { Roster } from "./roster.ts";

/** The room that is kept in order. */
export interface KeptRoom {
  /** True for a name of this server whose member is not here. */
  isStale(taken: TakenName): boolean;
  /** Has a member leave as lost. */
  publishLost(member: { readonly name: string; readonly id: string }): Promise<void>;
  /** Has those members of this server join again that are not in the room any more. */
  rejoin(): Promise<void>;
  /** Called after each round; with the reason, where NATS could not be reached. */
  reachable(reason?: string): void;
}

/**
 * Goes through the room at intervals. Several servers may do the same at once: a second `left` is ignored by all, and a
 * name is given back at the revision at which it was taken.
 *
 * | found | done |
 * | --- | --- |
 * | a name of a dead server, or one of this server without a member | its member leaves as lost, the name is given back |
 * | somebody in the room whose name is free or another's | leaves as lost |
 * | a member of this server that is not in the room | joins again |
 */
export class Upkeep implements AsyncDisposable {
  readonly #room: KeptRoom;
  readonly #registry: Registry;
  readonly #roster: Roster;
  readonly #liveness: Liveness;
  readonly #interval: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(room: KeptRoom, registry: Registry, roster: Roster, liveness: Liveness, interval: number) {
    this.#room = room;
    this.#registry = registry;
    this.#roster = roster;
    this.#liveness = liveness;
    this.#interval = interval;
  }

  /** Begins with the first sign of life. Rejects where NATS does not answer. */
  async begin(): Promise<void> {
    await this.#liveness.round();
    this.#schedule();
  }

  /** Ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#next()
        .then(() => this.#room.reachable(), (error) => this.#room.reachable(messageOf(error)))
        .then(() => this.#schedule());
    }, this.#interval);
  }

  async #next(): Promise<void> {
    // Whoever is there by now has taken its name before: the registry is up to date with that after the round.
    const present = this.#roster.present;
    const dead = await this.#liveness.round();
    for (const taken of this.#registry.names) {
      if (this.#closed) return;
      if (!dead.has(taken.server) && !this.#room.isStale(taken)) continue;
      await this.#room.publishLost(taken);
      await this.#registry.release(taken); // after that: who takes it next joins behind the `left`
    }
    for (const server of dead) await this.#liveness.forget(server);
    for (const member of present) {
      if (this.#closed) return;
      if (this.#registry.holder(member.name)?.id !== member.id && this.#roster.has(member)) {
        await this.#room.publishLost(member);
      }
    }
    if (!this.#closed) await this.#room.rejoin();
    await this.#registry.tidy();
  }
}
