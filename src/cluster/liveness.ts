/**
 * Signs of life: each server shows them, and notices which others do not.
 *
 * @module
 */
import type { Registry } from "./registry.ts";

/** A server without a new sign in so many rounds is taken for dead. */
const DEAD_ROUNDS = 5;

/** The signs of life of this server, and the watch over those of others. */
export class Liveness {
  readonly #registry: Registry;
  readonly #server: string;
  /** The last sign of each server, and the rounds since: clocks are not compared, and a pause of this server is no sign. */
  readonly #signs = new Map<string, { readonly number: number; rounds: number }>();

  constructor(registry: Registry, server: string) {
    this.#registry = registry;
    this.#server = server;
  }

  /**
   * Shows a sign of life, and waits until the registry is up to date. Returns the servers that are taken for dead.
   *
   * @throws {EchopipeError} `timed-out` or `io` where NATS does not answer
   */
  async round(): Promise<ReadonlySet<string>> {
    try {
      await this.#registry.sign(this.#server);
    } catch (error) {
      this.#signs.clear(); // what was not heard of meanwhile is no sign of death
      throw error;
    }
    const { names, servers } = this.#registry;
    // A server that has names and shows no sign at all counts from when it was first missed.
    const known = new Set([...servers.keys(), ...names.map(({ server }) => server)]);
    for (const server of this.#signs.keys()) if (!known.has(server)) this.#signs.delete(server);
    const dead = new Set<string>();
    for (const server of known) {
      const number = servers.get(server) ?? 0;
      const sign = this.#signs.get(server);
      if (sign?.number !== number) this.#signs.set(server, { number, rounds: 0 });
      else if (++sign.rounds >= DEAD_ROUNDS && server !== this.#server) dead.add(server);
    }
    return dead;
  }

  /** Forgets a dead server, unless it has shown a sign since. */
  async forget(server: string): Promise<void> {
    const number = this.#signs.get(server)?.number;
    if (number !== undefined && number > 0) await this.#registry.forget(server, number);
    this.#signs.delete(server);
  }
}
