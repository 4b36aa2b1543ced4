/**
 * Identification: known by address, or asked for a name.
 *
 * @module
 */
import { messageOf } from "../errors.ts";
import { createUser, LoginRefused } from "../identity/login_refused.ts";
import { changeUser, newUser, type User, type UserStore, withAddress } from "../identity/users.ts";
import type { UserWatch } from "./user_watch.ts";
import { type Login, refused, type Step } from "./steps.ts";

/** Names that a client may try. */
const ATTEMPTS = 3;

/** Options of {@linkcode identify}. */
export interface IdentifyOptions {
  /** The store of names and addresses. */
  readonly users: UserStore;
  /** The client's IP address. */
  readonly address: string;
  /** Ends the connection when its user is removed or gets a password. Default: it lives on. */
  readonly userWatch?: UserWatch;
}

class Identify implements Login {
  readonly #users: UserStore;
  readonly #address: string;
  readonly #userWatch: UserWatch | undefined;
  #attempts = 0;
  #user: User | undefined;

  constructor({ users, address, userWatch }: IdentifyOptions) {
    this.#users = users;
    this.#address = address;
    this.#userWatch = userWatch;
  }

  async begin(): Promise<Step> {
    return await this.#greet() ?? { type: "ask", field: "name", text: "Hello, what is your name?" };
  }

  async answer(value: string): Promise<Step> {
    const known = await this.#users.get(value);
    let user: User;
    try {
      user = known?.user ?? newUser(value); // users keep their names, whatever the rule for new ones becomes
    } catch (error) {
      return this.#again(messageOf(error));
    }
    try {
      const step = await this.#keep(user);
      return step ?? this.#again(`The name ${JSON.stringify(user.name)} belongs to somebody who has a password`);
    } catch (error) {
      if (error instanceof LoginRefused) return refused(error.code, error.message);
      throw error;
    }
  }

  watch(revoked: (why: string) => void): () => void {
    return this.#user && this.#userWatch ? this.#userWatch.watch(this.#user, revoked) : () => {};
  }

  /** The greeting of a client whose address is known. */
  async #greet(): Promise<Step | undefined> {
    const known = await this.#users.findByAddress(this.#address);
    return known && this.#welcome(known.user, "Hello again");
  }

  /** Keeps the name with the address; undefined: it may not be taken without a password. */
  async #keep(user: User): Promise<Step | undefined> {
    const { name } = user;
    const created = await createUser(this.#users, withAddress(user, this.#address), this.#address);
    if (created) return this.#welcome(user, "Hello", true);
    const greeting = await this.#greet(); // another connection from this address was faster
    if (greeting !== undefined) return greeting;
    const known = await changeUser(
      this.#users,
      name,
      (user) => user.password === undefined ? withAddress(user, this.#address) : undefined,
    );
    return known && this.#welcome(known.user, "Hello");
  }

  #welcome(user: User, greeting: string, registered = false): Step {
    this.#user = user;
    return { type: "welcome", name: user.name, text: `${greeting}, ${user.name}`, registered };
  }

  #again(why: string): Step {
    if (++this.#attempts >= ATTEMPTS) return refused("credentials", why);
    return { type: "ask", field: "name", text: `${why}. What is your name?` };
  }
}

/**
 * The login of access `identify`: a client whose address is known is greeted by name, any other is asked for one, which is
 * kept. It proves nothing, and gives no rights.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { identify, MemoryUserStore } from "echopipe";
 *
 * const users = new MemoryUserStore();
 * const first = identify({ users, address: "192.0.2.7" });
 * assert.equal((await first.begin()).type, "ask");
 * assert.equal((await first.answer("anna")).text, "Hello, anna");
 * assert.equal((await identify({ users, address: "192.0.2.7" }).begin()).text, "Hello again, anna");
 * ```
 */
export function identify(options: IdentifyOptions): Login {
  return new Identify(options);
}
