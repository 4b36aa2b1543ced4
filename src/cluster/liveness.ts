/**
 * Signs of life: each server shows them, and clears up behind those that show none.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import type { MemberKeys, TakenName } from "./member_keys.ts";

/** Default interval of the signs, in milliseconds. */
const INTERVAL_MS = 2000;
/** A server without a sign for so many intervals is taken for dead. */
const DEAD_INTERVALS = 5;

/** What a server does about its members, and those of others. */
export interface LivenessEvents {
  /** True for a name that this server has taken, and whose member is gone. */
  isGone(taken: TakenName): boolean;
  /** Called for a name that is about to be given back: its member is lost. */
  lost(taken: TakenName): Promise<void>;
  /** Called after each round; with the reason, where NATS could not be reached. */
  reachable(reason?: string): void;
}

/** The signs of life of this server, and the watch over those of others. */
export class Liveness implements AsyncDisposable {
  readonly #keys: MemberKeys;
  readonly #server: string;
  readonly #events: LivenessEvents;
  readonly #interval: number;
  /** The last sign of each server, and when it was first seen here: clocks of two machines are never compared. */
  readonly #seen = new Map<string, { number: number; at: number }>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(keys: MemberKeys, server: string, events: LivenessEvents, interval: number = INTERVAL_MS) {
    this.#keys = keys;
    this.#server = server;
    this.#events = events;
    this.#interval = interval;
  }

  /** Shows the first sign. Rejects where NATS does not answer. */
  async begin(): Promise<void> {
    await this.#keys.live(this.#server);
    this.#schedule();
  }

  /** Ends the signs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#next().then(() => this.#events.reachable(), (error) => {
        // What was not heard of in the meantime is no sign of death.
        this.#seen.clear();
        this.#events.reachable(messageOf(error));
      }).then(() => this.#schedule());
    }, this.#interval);
  }

  async #next(): Promise<void> {
    await this.#keys.live(this.#server);
    // Names first: a server shows a sign before it takes one, so each name is of a server that is found now, or is dead.
    const names = await this.#keys.all();
    const dead = this.#findDead(await this.#keys.servers());
    const servers = new Set(this.#seen.keys());
    for (const taken of names) {
      if (!dead.has(taken.server) && servers.has(taken.server) && !this.#events.isGone(taken)) continue;
      await this.#events.lost(taken);
      await this.#keys.release(taken);
    }
    for (const [server, number] of dead) {
      await this.#keys.forget(server, number);
      this.#seen.delete(server);
    }
  }

  /** The servers that have shown no sign for too long, with their last numbers. */
  #findDead(numbers: Map<string, number>): Map<string, number> {
    const now = performance.now();
    const dead = new Map<string, number>();
    for (const server of this.#seen.keys()) if (!numbers.has(server)) this.#seen.delete(server);
    for (const [server, number] of numbers) {
      const seen = this.#seen.get(server);
      if (seen?.number !== number) this.#seen.set(server, { number, at: now });
      else if (now - seen.at > DEAD_INTERVALS * this.#interval && server !== this.#server) dead.set(server, number);
    }
    return dead;
  }
}
